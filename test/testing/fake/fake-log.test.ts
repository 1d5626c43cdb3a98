import type { LogEntry } from 'rxjobs'
import { fakeJob } from 'rxjobs/testing'
import { expect, test } from 'vitest'
import { recorded } from '../../streams/support/letters.ts'

const marbles = "r 'a' 1s 'b' 'c' 1s x 1s 'd' s"
const texts = (entries: ReadonlyArray<LogEntry>): string => entries.map(({ data }) => data).join('')

test('a window is the last lines of what is written', async () => {
  const { source, advance, scheduler } = fakeJob(marbles, { latency: 5 })
  await advance(1_500)
  const window = (lines: number) => recorded(scheduler, source.log.window('job', lines)).values.map(texts)
  expect([window(10), window(2)]).toEqual([['abc'], ['bc']])
})

test('an open connection gives what is there, then each line when it is written, and breaks or ends', () => {
  const { source, scheduler } = fakeJob(marbles, { latency: 5 })
  const live = source.log.live?.('job')
  const broken = recorded(scheduler, live ?? expect.unreachable())
  expect(broken.values.map(texts)).toEqual(['', 'a', 'bc'])
  expect(broken.times).toEqual([5, 5, 1_000])
  expect([broken.endedAt, broken.error]).toEqual([2_000, expect.objectContaining({ _tag: 'NetworkError' })])
})

test('an open connection hears of a cancel', () => {
  const { source, scheduler } = fakeJob("r 'a' 1h s", { latency: 5, cancelled: "'stopped' f" })
  scheduler.schedule(() => source.cancel?.('job').subscribe(), 1_000)
  const ended = recorded(scheduler, source.log.live?.('job') ?? expect.unreachable())
  expect([ended.values.map(texts), ended.completed, ended.endedAt]).toEqual([['', 'a', 'stopped'], true, 1_005])
})

test('a counted log goes on where one stands; one to be read only has nothing else', () => {
  const { source, scheduler } = fakeJob("'a' 'b' 'c' s", { log: 'counted' })
  const since = source.log.since?.('job', 1) ?? expect.unreachable()
  expect(recorded(scheduler, since).values).toMatchObject([{ entries: [{ data: 'b' }, { data: 'c' }], next: 3 }])
  expect(Object.keys(fakeJob('s', { log: 'window' }).source.log)).toEqual(['window'])
  const full = fakeJob("'a' 2>'b' s")
  expect(recorded(full.scheduler, full.source.log.full?.('job') ?? expect.unreachable()).values).toEqual(['a', 'b'])
})
