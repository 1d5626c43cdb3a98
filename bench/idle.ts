// Heap and timers of ten thousand watches that wait for their next read. Each subject runs in a process of its own.
import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createHttpPoller } from '@azure/core-lro'
import { createWaiter } from '@smithy/util-waiter'
import { defer, distinctUntilChanged, of, repeat, takeWhile, timer } from 'rxjs'
import { editions, type Jobs } from './editions.ts'
import { type Figure, median, report } from './measure.ts'

const count = 10_000
const interval = 10 * 60_000
const processes = 3

// The job, its id and its key are the same objects for every subject and are not counted.
const job = { status: 'running' }
const ids = Array.from({ length: count }, (_, index) => `job-${index}`)
const jobs: Jobs = { status: (ref) => of({ ref, job, phase: 'running' }) }
const settings = { requestsPerMinute: 10 * count, pollInterval: interval, maxConcurrent: count }

const ignore = (): void => undefined
const azureAnswer = {
  flatResponse: job,
  rawResponse: {
    statusCode: 202,
    headers: { 'operation-location': 'https://example.com/operation' },
    body: job,
    request: { method: 'PUT', url: 'https://example.com/operation' },
  },
}

/** Begins a watch of the job with that id and gives what keeps it alive. */
type Begin = (id: string) => unknown

const subjects: Readonly<Record<string, () => Begin>> = {
  ...Object.fromEntries(
    editions.flatMap(
      ({ name, pool, watch }): ReadonlyArray<readonly [string, () => Begin]> => [
        [`${name}, pooled`, () => subscribed(pool(jobs, settings))],
        [`${name}, without a pool`, () => subscribed(watch(jobs, interval))],
      ],
    ),
  ),
  'rxjs repeat': () => (id) =>
    defer(() => jobs.status(id))
      .pipe(
        repeat({ delay: () => timer(interval) }),
        distinctUntilChanged((a, b) => a.job === b.job),
        takeWhile(({ phase }) => phase === 'running'),
      )
      .subscribe(),
  '@smithy/util-waiter': () => (id) => {
    const delay = interval / 1_000
    const check = (): Promise<{ readonly state: 'RETRY'; readonly reason: unknown }> =>
      Promise.resolve({ state: 'RETRY', reason: job })
    return createWaiter({ client: {}, maxWaitTime: 86_400, minDelay: delay, maxDelay: delay }, id, check).catch(ignore)
  },
  '@azure/core-lro': () => () => {
    const answer = (): Promise<unknown> => Promise.resolve(azureAnswer)
    const operation = { sendInitialRequest: answer, sendPollRequest: answer }
    return createHttpPoller(operation, { intervalInMs: interval }).pollUntilDone().catch(ignore)
  },
}

function subscribed(watch: (id: string) => { readonly subscribe: () => unknown }): Begin {
  return (id) => watch(id).subscribe()
}

interface Found {
  readonly bytes: number
  readonly timers: number
}

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

function heap(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

async function measure(begin: Begin): Promise<Found> {
  const kept: Array<unknown> = Array.from(ids)
  const [bytes, before] = [heap(), timers()]
  for (const [index, id] of ids.entries()) kept[index] = begin(id)
  // Until all have their first answer and wait.
  for (let seen = -1; seen !== timers(); ) {
    seen = timers()
    await wait(1_500)
  }
  return { bytes: (heap() - bytes) / kept.length, timers: timers() - before }
}

function inProcess(subject: string): Found {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), subject]
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${subject} ended with ${status}`)
  return JSON.parse(stdout) as Found
}

const subject = process.argv[2]
if (subject !== undefined) {
  const begin = subjects[subject]
  if (begin === undefined) throw new Error(`no such subject: ${subject}`)
  process.stdout.write(JSON.stringify(await measure(begin())))
  process.exit()
}

const found = Object.keys(subjects).map((name) => {
  const runs = Array.from({ length: processes }, () => inProcess(name))
  const middle = (value: (run: Found) => number): number => median(runs.map(value))
  return [name, { bytes: middle(({ bytes }) => bytes), timers: middle((run) => run.timers) }] as const
})

/** The values of the subjects with that suffix; peers have none. */
function values(suffix: string, value: (one: Found) => number): Figure['values'] {
  const isOurs = (name: string): boolean => name.includes('edition')
  const own = found.filter(([name]) => (isOurs(name) ? name.endsWith(suffix) : true))
  return Object.fromEntries(own.map(([name, one]) => [name.replace(suffix, ''), value(one)]))
}

report({
  title: 'Ten thousand watches that wait',
  text: [
    `Used heap after a collection and active timers of ${count} watches, each of which has read its job once and reads it again after ten minutes; the median of ${processes} processes. Each watch is subscribed to without an observer.`,
    'The peers do what their own API offers for waiting for one job. None of them shares anything between two jobs, so that their values are the same in both pairs of rows.',
  ],
  figures: [
    {
      measure: 'heap of a pooled idle watch',
      unit: 'kB',
      mark: { atMost: 2 },
      values: values(', pooled', ({ bytes }) => bytes / 1_000),
    },
    {
      measure: 'timers of all pooled watches',
      mark: { atMost: 1 },
      values: values(', pooled', (one) => one.timers),
    },
    {
      measure: 'heap of an idle watch without a pool',
      unit: 'kB',
      values: values(', without a pool', ({ bytes }) => bytes / 1_000),
    },
    {
      measure: 'timers of all watches without a pool',
      values: values(', without a pool', (one) => one.timers),
    },
  ],
})
