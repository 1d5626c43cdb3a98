import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PlannedResource } from '../../../sandbox/genesys/plan.ts'
import { createJobState } from '../../../sandbox/genesys/state.ts'

test('a resource is a file, its name is taken once, and a protected one stays', async () => {
  const root = await mkdtemp(join(tmpdir(), 'state-'))
  const changes: string[] = []
  const state = createJobState(root, 'job', (address, there) => void changes.push(`${there ? '+' : '-'}${address}`))
  const thing = (label: string, name: string, isProtected = false): PlannedResource => ({
    address: `thing.${label}`,
    type: 'thing',
    attributes: { name },
    shown: { name },
    protected: isProtected,
  })
  const first = await state.create(thing('a', 'A'))
  await expect(state.create(thing('b', 'A'))).rejects.toThrow('already exists')
  const kept = await state.create(thing('c', 'C', true))
  await expect(state.destroy(kept)).rejects.toThrow('protected')
  await state.destroy(first)
  expect(await readdir(join(root, 'job'))).toEqual([`${kept.id}.json`])
  expect(changes).toEqual(['+job/thing.a', '+job/thing.c', '-job/thing.a'])
  await rm(root, { recursive: true })
})
