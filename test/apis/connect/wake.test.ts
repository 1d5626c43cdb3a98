import { firstValueFrom } from 'rxjs'
import { expect, test } from 'vitest'
import { wake } from '../../../src/apis/connect/wake.ts'
import { course } from './publishing.ts'

const content = { guid: 'g' }
const none = { _tag: 'None' }

test.each([
  [true, 'succeeded', 200, none, 1],
  [true, 'ended', 404, none, 1],
  [true, 'succeeded', 503, { _tag: 'Some', value: { _tag: 'HttpError', status: 503 } }, 1],
  [true, 'failed', 200, none, 0],
  [false, 'succeeded', 200, none, 0],
] as const)('visit %s after %s, answered with %d', async (visit, phase, status, met, visits) => {
  const { pc, lines } = course({ task: { at: 0 }, jobs: [], visit: { status } })
  expect(await firstValueFrom(wake(pc, content, visit, phase))).toMatchObject(met)
  expect(lines).toEqual(Array.from({ length: visits }, () => '0 GET /content/g/'))
})
