// Heap and timers of ten thousand watches that wait for their next look. Each subject in a process of its own.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createHttpPoller } from '@azure/core-lro'
import { createWaiter } from '@smithy/util-waiter'
import { Effect, Schedule } from 'effect'
import { defer, distinctUntilChanged, of, repeat, takeWhile, timer } from 'rxjs'
import { every, pooled, simpleSource, watchJob } from 'rxjobs'
import { heap, median } from '../measuring.ts'
import { report, type Row } from '../report.ts'

const count = 10_000
const minutes = 10
const wait = minutes * 60_000
const rounds = 3

// What each of them is told of every job: not one byte of it belongs to a watch.
const job = { status: 'running' }
const ids = Array.from({ length: count }, (_, index) => `job-${index}`)
const source = {
  ...simpleSource<string, typeof job>({ status: () => of(job), phase: () => 'running' }),
  keyOf: (id: string) => id,
}

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

/** Begins a watch of the job with that id; gives what keeps it alive, where something must. */
const subjects: Readonly<Record<string, (id: string) => unknown>> = {
  'rxjobs pooled': (() => {
    const pool = pooled(source, { requestsPerMinute: 10 * count, every: wait, maxConcurrent: count })
    return (id: string) => watchJob(pool, id).subscribe()
  })(),
  'rxjobs without a pool': (id) => watchJob(source, id, { cadence: every(wait) }).subscribe(),
  'rxjs repeat': (id) =>
    defer(() => source.status(id))
      .pipe(
        repeat({ delay: () => timer(wait) }),
        distinctUntilChanged((a, b) => a.job === b.job),
        takeWhile(({ phase }) => phase === 'running'),
      )
      .subscribe(),
  '@smithy/util-waiter': (id) => {
    const delay = wait / 1_000
    const told = (): Promise<{ readonly state: 'RETRY'; readonly reason: unknown }> =>
      Promise.resolve({ state: 'RETRY', reason: job })
    return createWaiter({ client: {}, maxWaitTime: 86_400, minDelay: delay, maxDelay: delay }, id, told).catch(ignore)
  },
  '@azure/core-lro': () =>
    createHttpPoller(
      { sendInitialRequest: () => Promise.resolve(azureAnswer), sendPollRequest: () => Promise.resolve(azureAnswer) },
      { intervalInMs: wait },
    )
      .pollUntilDone()
      .catch(ignore),
  effect: () =>
    Effect.runFork(
      Effect.repeat(
        Effect.sync(() => job),
        Schedule.spaced(wait),
      ),
    ),
}

interface Found {
  readonly bytes: number
  readonly timers: number
}

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

async function measure(begin: (id: string) => unknown): Promise<Found> {
  const kept: Array<unknown> = Array.from(ids)
  const [bytes, before] = [heap(), timers()]
  for (const [index, id] of ids.entries()) kept[index] = begin(id)
  // Until nothing changes any more: the first looks are answered, and all wait.
  for (let seen = -1; seen !== timers(); ) {
    seen = timers()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
  }
  return { bytes: (heap() - bytes) / kept.length, timers: timers() - before }
}

const [subject] = process.argv.slice(2)
const begin = subject === undefined ? undefined : subjects[subject]
if (begin !== undefined) {
  process.stdout.write(JSON.stringify(await measure(begin)))
  process.exit()
}

const found = Object.keys(subjects).map((name) => {
  const runs = Array.from({ length: rounds }, () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [...process.execArgv, fileURLToPath(import.meta.url), name],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    )
    if (status !== 0) throw new Error(`${name} ended with ${status}`)
    return JSON.parse(stdout) as Found
  })
  return {
    name,
    bytes: median(runs.map(({ bytes }) => bytes)),
    timers: median(runs.map((run) => run.timers)),
  }
})
const [ours] = found
if (ours === undefined) throw new Error('nothing was measured')

report({
  title: 'Ten thousand watches that wait',
  how: `Used heap after collection and active timers for ${count} watches, each of which has seen its job run and looks again after ${minutes} minutes; the median of ${rounds} processes.`,
  rows: [
    ...found.map(
      ({ name, bytes }): Row => ({
        measure: 'heap of a watch',
        subject: name,
        value: bytes,
        unit: 'B',
        ratio: bytes / ours.bytes,
        to: 'rxjobs pooled',
      }),
    ),
    ...found.map(({ name, timers: set }): Row => ({ measure: 'timers of all', subject: name, value: set, unit: '' })),
  ],
  marks: [
    { what: 'heap of a watch in a pool', bound: '≤ 1000 B', value: ours.bytes, met: ours.bytes <= 1_000 },
    { what: 'timers of a pool', bound: '1', value: ours.timers, met: ours.timers === 1 },
  ],
  plots: [
    {
      kind: 'bars',
      title: 'Heap of a watch that waits',
      unit: 'B',
      mark: 1_000,
      bars: found.map(({ name, bytes }) => ({ label: name, value: bytes })),
    },
  ],
  notes: [
    'The value of the job, its reference and its key are the same objects in every subject and are not counted: a job of a real service adds what its JSON weighs.',
    'Each watch is subscribed to with an empty observer. A real one adds its own closures, to every subject alike.',
    'A watch with a `deadline`, and a tail, have timers of their own beside the pool’s.',
    'Without a pool most of a watch is what rxjs and Node need for its timer and its subscription (about 650 B) and what it keeps for its next look and its errors (about 750 B).',
    'Peers do what their own API offers for waiting for one job; none of them shares anything between two.',
  ],
})
