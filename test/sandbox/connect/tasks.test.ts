import { expect, test, vi } from 'vitest'
import { createTasks } from '../../../sandbox/connect/tasks.ts'
import { createTimers } from '../../../sandbox/timers.ts'

test('tells its output from a line on, and how it went', async () => {
  const tasks = createTasks(createTimers())
  const task = tasks.start((say) => {
    for (const line of ['a', 'b', 'c']) say(line)
    return Promise.resolve()
  })
  expect(tasks.find(task.id)).toBe(task)
  expect(task.item(0)).toMatchObject({ finished: false, last: 3 })
  await task.wait(1000)
  expect(task.item(2)).toEqual({
    id: task.id,
    output: ['c'],
    finished: true,
    code: 0,
    error: '',
    last: 3,
    result: null,
  })
  expect(task.item(9).output).toEqual([])
})

test('what the work throws is the error of the task', async () => {
  const task = createTasks(createTimers()).start(() => Promise.reject(new Error('no room')))
  await task.wait(1000)
  expect(task.item(0)).toMatchObject({ finished: true, code: 1, error: 'no room' })
})

test('a wait ends with its time and not with new output', async () => {
  vi.useFakeTimers()
  try {
    let speak: (line: string) => void = () => undefined
    const task = createTasks(createTimers()).start((say) => {
      speak = say
      return new Promise(() => undefined)
    })
    let over = false
    const waiting = task.wait(2000).then(() => (over = true))
    speak('still at it')
    await vi.advanceTimersByTimeAsync(1999)
    expect(over).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await waiting
    expect(task.item(0)).toMatchObject({ finished: false, last: 1 })
  } finally {
    vi.useRealTimers()
  }
})
