import { expect, test } from 'vitest'
import { createNodes, type Node } from '../../../sandbox/connect/nodes.ts'
import { createTimers } from '../../../sandbox/timers.ts'

const work = (): Promise<void> => Promise.resolve()
const names = (nodes: ReadonlyArray<Node>): ReadonlyArray<string> => nodes.map(({ name }) => name)

test('a node that is named is met again; otherwise they take turns', () => {
  const nodes = createNodes(2, createTimers())
  const [one, two] = [nodes.pick(undefined), nodes.pick('nobody')]
  expect(one).not.toBe(two)
  expect(names([nodes.pick(undefined), nodes.pick(two.name), nodes.pick(two.name), nodes.pick(undefined)])).toEqual(
    names([one, two, two, two]),
  )
})

test('each has its own tasks', () => {
  const nodes = createNodes(2, createTimers())
  const [one, two] = [nodes.pick(undefined), nodes.pick(undefined)]
  const task = one.tasks.start(work)
  expect([one.tasks.find(task.id), two.tasks.find(task.id)]).toEqual([task, undefined])
})

test('one that is lost is forgotten with its tasks, and another takes its place', () => {
  const nodes = createNodes(2, createTimers())
  const [one, two] = [nodes.pick(undefined), nodes.pick(undefined)]
  const task = one.tasks.start(work)
  const other = two.tasks.start(work)
  nodes.lose(task.id)
  const met = new Set([nodes.pick(one.name), nodes.pick(one.name)])
  expect([met.size, met.has(two), met.has(one)]).toEqual([2, true, false])
  expect([...met].map(({ tasks }) => [tasks.find(task.id), tasks.find(other.id)])).toContainEqual([undefined, other])
  expect(() => nodes.lose(task.id)).toThrow(`No node has the task ${task.id}.`)
})
