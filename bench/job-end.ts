// Requests that are sent for a job after it is over, through a pool, in virtual time.
import { setImmediate } from 'node:timers/promises'
import { mergeMap, of, timer, VirtualTimeScheduler } from 'rxjs'
import { type Edition, editions, type Service, type ServiceOptions } from './editions.ts'
import { type Figure, ofBoth, report } from './measure.ts'

const count = 50
// Jobs that outlive the others and are not counted, so that there is always more than one to list.
const others = 2
const latency = 50
const encoder = new TextEncoder()

type Answer = readonly [status: number, value: unknown]

/** What a service answers for its jobs, which are named 0, 1, 2…: a list where the URL names none. */
type Answers = (url: URL, job: string | undefined, isOver: (job: string) => boolean) => Answer

const ids = Array.from({ length: count + others }, (_, n) => String(n))
/** When a job ends, in milliseconds: one after another, from the first minute on. */
const endOf = (job: string): number => 60_000 + Number(job) * 7_000

const connectAnswers =
  (exitCode: number): Answers =>
  ({ pathname }, job, isOver) => {
    const row = (key: string): object => ({
      id: key,
      key,
      status: isOver(key) ? 2 : 0,
      exit_code: isOver(key) ? exitCode : null,
      start_time: '2026-11-22T10:00:00Z',
      end_time: isOver(key) ? '2026-11-22T10:10:00Z' : null,
    })
    if (job === undefined) return [200, ids.map(row)]
    if (!pathname.endsWith('/error')) return [200, row(job)]
    if (exitCode === 0) return [204, undefined]
    return [200, { code: 'python-package-install-failed', summary: 'it failed', help_url: 'https://example.com' }]
  }

const genesysAnswers =
  (status: 'Complete' | 'InternalError'): Answers =>
  ({ searchParams }, job, isOver) => {
    const stateOf = (id: string): string => (isOver(id) ? status : 'Running')
    const row = (id: string): object => ({ id, acceleratorId: 'a', dryRun: false, status: stateOf(id) })
    if (job !== undefined) {
      const details = searchParams.get('details') === 'true' && isOver(job)
      return [isOver(job) ? 200 : 202, details ? { ...row(job), results: 'the output' } : row(job)]
    }
    const wanted = searchParams.get('status')
    const listed = ids.filter((id) => wanted === null || stateOf(id) === wanted)
    return [200, listed.slice(0, Number(searchParams.get('maxResults') ?? 1)).map(row)]
  }

/** Requests for a job that is over, on average. */
async function requestsAtEnd(
  follow: (options: ServiceOptions) => (job: string) => ReturnType<ReturnType<Edition['connectOutcome']>>,
  answers: Answers,
): Promise<number> {
  const scheduler = new VirtualTimeScheduler()
  const isOver = (job: string): boolean => endOf(job) <= scheduler.now()
  let [requests, ended] = [0, 0]
  const service: Service = (address) => {
    const url = new URL(address)
    const job = /\/jobs\/([^/]+)/.exec(url.pathname)?.[1]
    if (job !== undefined && Number(job) < count && isOver(job)) requests++
    return timer(latency, scheduler).pipe(
      mergeMap(() => {
        const [status, value] = answers(url, job, isOver)
        const head = { status, headers: [['content-type', 'application/json']] } as const
        return value === undefined ? of(head) : of(head, { bytes: encoder.encode(JSON.stringify(value)) })
      }),
    )
  }
  const outcome = follow({ service, scheduler })
  const all = ids.map((job) => outcome(job).forEach(() => ended++))
  while (ended < ids.length) {
    scheduler.flush()
    await setImmediate()
  }
  await Promise.all(all)
  return requests / count
}

const figures: Array<Figure> = []
for (const [name, answers, atMost] of [
  ['Connect, success', connectAnswers(0), 0],
  ['Connect, failure', connectAnswers(1), 1],
] as const) {
  figures.push({
    measure: `requests at a job’s end, pooled, ${name}`,
    mark: { atMost },
    values: await ofBoth(editions, ({ connectOutcome }) => requestsAtEnd(connectOutcome, answers)),
  })
}
for (const [name, answers] of [
  ['Genesys, success', genesysAnswers('Complete')],
  ['Genesys, failure', genesysAnswers('InternalError')],
] as const) {
  figures.push({
    measure: `requests at a job’s end, pooled, ${name}`,
    mark: { atMost: 1 },
    values: await ofBoth(editions, ({ genesysOutcome }) => requestsAtEnd(genesysOutcome, answers)),
  })
}

report({
  title: 'Requests at a job’s end',
  text: [
    `${count} jobs that end one after another are watched through a pool with \`thenFetchErrors\`, over a transport that counts, in virtual time. Counted are the requests for a job after its end; the list calls that all jobs share are not.`,
  ],
  figures,
})
