import type { Chunk, Head, HttpRequest, Transport } from 'rxjobs/core'
import type { FaultMoment, FaultRule } from 'rxjobs/sandbox'
import { Observable, type SchedulerLike, type Subscriber } from 'rxjs'
import { errorAnswer } from '../../sandbox/faults/faults.ts'
import { createChooser } from '../../sandbox/faults/rules.ts'
import type { Random } from './profiles.ts'
import type { Tally } from './tally.ts'

/** Sends a body piece by piece; gives what stops it. */
type Pour = (send: (bytes: Uint8Array) => void, end: () => void) => () => void

/** What a service in virtual time answers. */
export interface Served {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | Pour
  /** Whether the head is sent with the first piece of the body. */
  readonly withholdsHead?: boolean
}

export type Serve = (request: HttpRequest, url: URL) => Served

/** Where and how faults happen. */
export interface VirtualFaults {
  readonly rules: ReadonlyArray<FaultRule>
  readonly seed: number
  readonly scheduler: SchedulerLike
  readonly random: Random
  readonly tally: Tally
}

const encoder = new TextEncoder()

/** Milliseconds that each answer takes. */
const latency = 30

/** A transport to a service in virtual time, with the faults of the sandbox. */
export function virtualTransport(serve: Serve, faults: VirtualFaults): Transport {
  const { rules, seed, scheduler, tally } = faults
  const choose = createChooser(rules, seed)
  return (request) =>
    new Observable((subscriber) => {
      const url = new URL(request.url)
      let wait = latency
      let headers: Readonly<Record<string, string>> = {}
      let answer = (): void => send(subscriber, serve(request, url), headers)
      for (const { fault } of choose(request.method, `${url.pathname}${url.search}`)) {
        tally.add('faults', fault.kind)
        if (fault.kind === 'latency') wait += fault.ms
        else if (fault.kind === 'headers') headers = fault.headers
        else answer = () => happen(fault, subscriber, () => serve(request, url), url, faults)
      }
      subscriber.add(scheduler.schedule(() => answer(), wait))
    })
}

type Reader = Subscriber<Head | Chunk>

function happen(fault: FaultRule, reader: Reader, serve: () => Served, url: URL, faults: VirtualFaults): void {
  switch (fault.kind) {
    case 'silence':
      return
    case 'reset':
      if (fault.when === 'after') serve()
      reader.error(new Error('read ECONNRESET'))
      return
    case 'status': {
      const { body } = errorAnswer(url.pathname, fault.status)
      const headers = fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) }
      send(reader, { status: fault.status, body: fault.body ?? body, headers })
      return
    }
    case 'html':
      send(reader, { status: 200, body: '<!doctype html><title>Sign in</title>' })
      return
    case 'wrongJson':
      send(reader, { status: 200, body: fault.body ?? '{"surprise":true}' })
      return
    case 'answer':
      send(reader, { status: fault.status ?? 200, body: fault.body ?? '' })
      return
    case 'rewrite': {
      const served = serve()
      const { body } = served
      send(reader, typeof body === 'string' ? { ...served, body: fault.body(body) } : served)
      return
    }
    case 'cut':
      // Behind a proxy that speaks HTTP/1.0 to the service a cut looks like an end.
      breakOff(reader, serve(), fault.after, faults, () =>
        faults.random() < 0.5 ? reader.complete() : reader.error(new Error('other side closed')),
      )
      return
    case 'stall':
      breakOff(reader, serve(), fault.after, faults, () => undefined)
      return
    default:
      send(reader, serve())
  }
}

function send(reader: Reader, served: Served, more: Readonly<Record<string, string>> = {}): void {
  const { status, headers, body, withholdsHead } = served
  const head: Head = { status, headers: Object.entries({ ...headers, ...more }) }
  let isBegun = withholdsHead !== true
  if (isBegun) reader.next(head)
  const begin = (): void => {
    if (!isBegun) reader.next(head)
    isBegun = true
  }
  if (typeof body === 'function') {
    const stop = body(
      (bytes) => {
        begin()
        reader.next({ bytes })
      },
      () => {
        begin()
        reader.complete()
      },
    )
    reader.add(stop)
    return
  }
  const bytes = bytesOf(body)
  if (bytes.length > 0) reader.next({ bytes })
  reader.complete()
}

/** Sends up to that moment; then it is over in that way. */
function breakOff(
  reader: Reader,
  served: Served,
  after: FaultMoment = { bytes: 0 },
  { scheduler }: VirtualFaults,
  over: () => void,
): void {
  const { body } = served
  const pour: Pour = typeof body === 'function' ? body : pourOf(body)
  let left = 'bytes' in after ? after.bytes : Number.POSITIVE_INFINITY
  let isOver = false
  const end = (): void => {
    if (!isOver) over()
    isOver = true
  }
  if ('ms' in after) reader.add(scheduler.schedule(end, after.ms))
  const limited: Pour = (push, complete) =>
    pour(
      (bytes) => {
        if (isOver) return
        if (left > 0) push(bytes.subarray(0, left))
        left -= bytes.length
        if (left < 0) end()
      },
      () => {
        if (!isOver) complete()
      },
    )
  send(reader, { ...served, body: limited })
}

const bytesOf = (body: string | Uint8Array): Uint8Array => (typeof body === 'string' ? encoder.encode(body) : body)

const pourOf =
  (body: string | Uint8Array): Pour =>
  (push, end) => {
    push(bytesOf(body))
    end()
    return () => undefined
  }
