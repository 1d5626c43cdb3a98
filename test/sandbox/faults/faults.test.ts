import { expect, test } from 'vitest'
import { connectOf, sandboxes } from '../support.ts'

const start = sandboxes()

async function statuses(ask: () => Promise<Response>, count: number): Promise<string> {
  const seen: string[] = []
  for (let index = 0; index < count; index += 1) {
    const answer = await ask()
    await answer.text()
    seen.push(String(answer.status))
  }
  return seen.join(' ')
}

test('without a plan nothing goes wrong, and rules come and go while it runs', async () => {
  const sandbox = await start()
  const ask = (): Promise<Response> => connectOf(sandbox)('/v1/user')
  expect(await statuses(ask, 2)).toBe('200 200')
  sandbox.faults.set([{ kind: 'status', status: 503, times: 2 }])
  expect(await statuses(ask, 3)).toBe('503 503 200')
  sandbox.faults.set([])
  expect(await statuses(ask, 1)).toBe('200')
  expect(sandbox.faults.met).toMatchObject({ status: 2, reset: 0 })
})

test('a seed replays', async () => {
  const rules = [{ kind: 'status' as const, status: 500, probability: 0.5 }]
  const first = await start({ faults: { rules } })
  const second = await start({ faults: { rules, seed: first.faults.seed } })
  const seen = await statuses(() => connectOf(first)('/v1/user'), 30)
  expect(await statuses(() => connectOf(second)('/v1/user'), 30)).toBe(seen)
  expect(new Set(seen.split(' '))).toEqual(new Set(['200', '500']))
  expect(first.faults.met.status).toBe(seen.split(' ').filter((status) => status === '500').length)
})

test('a cut behind the end of a body neither counts nor uses the rule up', async () => {
  const sandbox = await start({ faults: { rules: [{ kind: 'cut', after: { bytes: 100 }, times: 1 }] } })
  const ask = connectOf(sandbox)
  const job = sandbox.connect.feed()
  await (await ask(`/v1/content/${job.guid}/jobs/${job.key}/log`)).text()
  await sandbox.closed()
  expect(sandbox.faults.met.cut).toBe(0)
  job.write(Array.from({ length: 50 }, () => ({ source: 'stdout', data: 'long enough' })))
  await expect(ask(`/v1/content/${job.guid}/jobs/${job.key}/log`).then((answer) => answer.text())).rejects.toThrow()
  expect(sandbox.faults.met.cut).toBe(1)
})
