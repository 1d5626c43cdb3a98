import { map, of, timer, VirtualTimeScheduler } from 'rxjs'
import { type JobLog, type LogEntry, thenTail } from 'rxjobs'
import { expect, test } from 'vitest'
import { all, connectTo, written } from '../../apis/support.ts'
import { sandboxes } from '../../sandbox/support.ts'
import { letters, recorded } from '../support/letters.ts'

const start = sandboxes()
const entry = (data: string): LogEntry => ({ source: 'stdout', timestamp: '', data })

function logged(scheduler: VirtualTimeScheduler) {
  const log: JobLog<string> = {
    read: (ref) => timer(ref === 'a' ? 30 : 10, scheduler).pipe(map(() => ['1', '2'].map((no) => entry(ref + no)))),
  }
  return { ...letters(() => of('s')), scheduler, log }
}

test.each([
  [undefined, ['b1', 'b2', 'a1', 'a2']],
  [1, ['a1', 'a2', 'b1', 'b2']],
])('the lines of all jobs, each with its reference; concurrency %s', (concurrency, wanted) => {
  const scheduler = new VirtualTimeScheduler()
  const options = concurrency === undefined ? {} : { concurrency }
  const { values, completed } = recorded(scheduler, of('a', 'b').pipe(thenTail(logged(scheduler), options)))
  expect(values.map((element) => (element._tag === 'Line' ? element.data : element.reason))).toEqual(wanted)
  expect(values.map(({ ref }) => ref)).toEqual(wanted.map(([ref]) => ref))
  expect(completed).toBe(true)
})

test('an answer that names no job is a DecodeError', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = { ...logged(scheduler), refOf: () => undefined }
  expect(recorded(scheduler, of('a').pipe(thenTail(source)))).toMatchObject({ error: { _tag: 'DecodeError' } })
})

test('many jobs on real sockets', async () => {
  const sandbox = await start()
  const jobs = Array.from({ length: 8 }, (_, index) => written(sandbox, `${index} first`, `${index} last`))
  for (const job of jobs) job.finish()
  const elements = await all(of(...jobs).pipe(thenTail(connectTo(sandbox).jobs, { concurrency: 3 })))
  const lines = elements.map((element) => (element._tag === 'Line' ? `${element.ref.key} ${element.data}` : 'a gap'))
  const wanted = jobs.flatMap(({ key }, index) => [`${key} ${index} first`, `${key} ${index} last`])
  expect([...lines].sort()).toEqual([...wanted].sort())
})
