import { type ApiError, isApiError, isFinal, type Phase, tailLog } from '../streams/index.ts'
import { assert, type ObservedService, skipUnless } from './conformance-types.ts'
import { findSecrets } from './find-secrets.ts'
import { hasTag, isLogPiece, type LogPiece, offsetsAfter } from './log-offsets.ts'
import { endOf, Probe, readsOf, streamOf } from './probe.ts'
import type { Guarantee } from './request-guarantees.ts'

function linesOf({ lines }: Pick<ObservedService<unknown>, 'lines'>): ReadonlyArray<string> {
  skipUnless(lines !== undefined, 'no `lines` were given')
  return lines()
}

/** Whether lines in the middle are missing is for G9; this is about the last ones. */
export const endsWithTheJob: Guarantee = {
  name: 'G4: it completes because the job is over, and after its log was drained',
  ofStream: [
    async (service) => {
      const { end, stalled, values } = await streamOf(service).subscribe().run()
      skipUnless(!stalled, 'the stream waits without a timer of the scheduler (G7)')
      assert(end !== undefined || !service.isOver(), () => 'the job is over, and the stream goes on')
      skipUnless(end !== undefined, 'the job was not over in time: see `within`')
      skipUnless(end.how === 'completed', 'the stream failed (G5 and G8)')
      assert(end.jobWasOver, () => 'it completed before the job was over')
      const pieces = values.filter(isLogPiece)
      if (pieces.length === 0) return
      const lines = linesOf(service)
      const { offsets, wrong } = offsetsAfter(lines, pieces)
      const isDrained = wrong !== undefined || offsets.has(lines.length)
      assert(isDrained, () => `it completed after ${Math.max(...offsets)} of ${lines.length} lines`)
    },
  ],
}

/** By the one connection that the service drops, and by the reference that it refuses. */
export const waitsOutFailures: Guarantee = {
  name: 'G5: a transient failure is retried and reported, a lasting one ends the stream at once',
  ofStream: [
    async (service) => {
      const stream = streamOf(service)
      const end = endOf(await stream.subscribe().run())
      if (end.how === 'failed') {
        skipUnless(isApiError(end.error), 'the stream failed with an error that is no ApiError (G8)')
        assert(false, () => `a connection was dropped, and the stream ended with ${String(end.error)}`)
      }
      skipUnless(end.jobWasOver, 'the stream completed before the job was over (G4)')
      const wasTold = stream.connections.some(({ state }) => state !== 'open')
      assert(wasTold, () => 'a connection was dropped, and onConnection was not called')
    },
    async (service) => {
      const { missing, missingGrace = 0 } = service
      skipUnless(missing !== undefined, 'no `missing` was given')
      const begin = service.scheduler.now()
      const stream = streamOf(service, missing)
      const { end, stalled } = await stream.subscribe().run()
      skipUnless(!stalled, 'the stream waits without a timer of the scheduler (G7)')
      assert(end !== undefined, () => 'a lasting failure did not end the stream')
      const tries = stream.connections.filter(({ state, at }) => state === 'retrying' && at - begin >= missingGrace)
      assert(tries.length === 0, () => `a lasting failure was retried ${tries.length} times`)
    },
  ],
}

const describesRequest = ({ _tag, method, path, message }: ApiError): boolean =>
  _tag.endsWith('Error') && method !== '' && path !== '' && message.includes(method) && message.includes(path)

function assertApiError({ end }: Probe, what: string): void {
  if (end?.how !== 'failed') return
  const { error } = end
  assert(isApiError(error), () => `${what} failed with ${String(error)}, which is no ApiError`)
  assert(describesRequest(error), () => `${what} failed with an error without its request: ${String(error)}`)
}

/** By any error of the job's stream, and by the reference that the service refuses. */
export const failsWithApiErrors: Guarantee = {
  name: 'G8: only an ApiError comes down the error channel, and it names the request',
  ofStream: [
    async (service) => assertApiError(await streamOf(service).subscribe().run(), 'the stream'),
    async (service) => {
      const { missing } = service
      skipUnless(missing !== undefined, 'no `missing` was given')
      const probe = await streamOf(service, missing).subscribe().run()
      skipUnless(probe.end !== undefined, 'the stream did not end at a lasting failure (G5)')
      assert(probe.end.how === 'failed', () => 'the stream of a missing job completed')
      assertApiError(probe, 'the stream')
    },
  ],
  ofSource: async (service) => {
    const { missing, source } = service
    skipUnless(missing !== undefined, 'no `missing` was given')
    assert(source.keyOf(missing) !== '', () => '`keyOf` gives an empty string')
    for (const [name, read] of readsOf(service, missing)) assertApiError(await new Probe(service, read).run(), name)
  },
}

/** Lines that are missing at the very end are for G4. */
export const tellsLostLines: Guarantee = {
  name: 'G9: each line once and in order, and a gap where one is missing',
  ofStream: [
    async (service) => {
      const { values } = await streamOf(service).subscribe().run()
      const pieces = values.filter(isLogPiece)
      skipUnless(pieces.length > 0, 'the stream has no lines')
      assertInOrder(linesOf(service), pieces)
    },
  ],
  ofSource: async (service) => {
    const { log } = service.source
    skipUnless(log !== undefined, 'the source has no log')
    linesOf(service)
    const source = { ...service.source, log }
    const tail = streamOf({ ...service, stream: (ref, options) => tailLog(source, ref, options) })
    const { values } = await tail.subscribe().run()
    const lines = linesOf(service)
    assert(values.some(isLogPiece) || lines.length === 0, () => `none of ${lines.length} lines came`)
  },
}

function assertInOrder(lines: ReadonlyArray<string>, pieces: ReadonlyArray<LogPiece>): void {
  const { offsets, wrong } = offsetsAfter(lines, pieces)
  if (wrong === undefined) return
  const piece = pieces[wrong]
  const actual = piece?._tag === 'Line' ? JSON.stringify(piece.data) : 'a gap'
  const offset = Math.max(...offsets)
  const expected = offset < lines.length ? JSON.stringify(lines[offset]) : 'no more line'
  assert(false, () => `after ${offset} lines came ${actual} where the log has ${expected}, without a gap`)
}

interface AnyStatus {
  readonly ref: unknown
  readonly job: unknown
  readonly phase: Phase
}

const isStatus = (value: unknown): value is AnyStatus =>
  hasTag(value, 'Status') && 'ref' in value && 'job' in value && 'phase' in value
const jsonOf = (value: unknown): string => JSON.stringify([value]).slice(1, -1)

/** No status after the end of its job, and none without a change. */
function assertChanges(values: ReadonlyArray<unknown>): void {
  const last = new Map<string, AnyStatus>()
  const settled = new Set<string>()
  for (const value of values) {
    if (hasTag(value, 'Settled') && 'ref' in value) settled.add(jsonOf(value.ref))
    if (!isStatus(value)) continue
    const key = jsonOf(value.ref)
    const before = last.get(key)
    assert(!settled.has(key), () => `job ${key}: a status after the job was settled`)
    assert(before === undefined || !isFinal(before.phase), () => `job ${key}: a status after the final one`)
    const isChange = before?.phase !== value.phase || jsonOf(before.job) !== jsonOf(value.job)
    assert(isChange, () => `job ${key}: the status ${value.phase} came twice`)
    last.set(key, value)
  }
}

function assertNoSecret({ secrets }: Pick<ObservedService<unknown>, 'secrets'>, value: unknown, where: string): void {
  skipUnless(secrets !== undefined && secrets.length > 0, 'no `secrets` were given')
  const found = findSecrets(value, secrets)
  assert(found.length === 0, () => `${found.length} of the secrets can be seen in ${where}`)
}

/** By all that a stream gives: values, errors, connection events. */
export const tellsNoMore: Guarantee = {
  name: 'G10: nothing after the end, nothing without a change, no secret',
  ofStream: [
    async (service) => {
      const stream = streamOf(service)
      const { values, end } = await stream.subscribe().run()
      assertChanges(values)
      assertNoSecret(service, [values, end, stream.connections], 'what it gives')
    },
    async (service) => {
      const { missing } = service
      if (missing === undefined) return
      const stream = streamOf(service, missing)
      const { end } = await stream.subscribe().run()
      assertNoSecret(service, [end, stream.connections], 'what it gives')
    },
  ],
  ofSource: (service) => {
    const { source, ref } = service
    assertNoSecret(service, [source, source.keyOf(ref)], 'the source')
    return Promise.resolve()
  },
}
