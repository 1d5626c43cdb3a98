import { randomInt } from 'node:crypto'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { MeteredResponse } from '../http/response.ts'
import type { Timers } from '../time.ts'
import {
  type Chosen,
  createChooser,
  type Fault,
  type FaultKind,
  type FaultMoment,
  type FaultPlan,
  type FaultRule,
  type Faults,
} from './rules.ts'

/** Sits between the socket and both services, so that each fault works on every route. */
export class FaultGate implements Faults {
  readonly seed: number
  readonly met: Record<FaultKind, number> = {
    latency: 0,
    reset: 0,
    cut: 0,
    stall: 0,
    status: 0,
    wrongJson: 0,
    html: 0,
    answer: 0,
    rewrite: 0,
    headers: 0,
    hangUp: 0,
    silence: 0,
  }
  readonly #timers: Timers
  #choose: ReturnType<typeof createChooser>

  constructor({ seed = randomInt(2 ** 32), rules }: FaultPlan, timers: Timers) {
    this.seed = seed
    this.#timers = timers
    this.#choose = createChooser(rules, seed)
  }

  set(rules: ReadonlyArray<FaultRule>): void {
    this.#choose = createChooser(rules, this.seed)
  }

  /** Applies the faults that the rules choose. Calls `proceed` when the request may reach the service. */
  pass(request: IncomingMessage, response: MeteredResponse, proceed: () => void): void {
    const chosen = this.#choose(request.method ?? '', request.url ?? '')
    this.#apply(chosen, request, response, proceed)
  }

  #apply(
    [first, ...rest]: ReadonlyArray<Chosen>,
    request: IncomingMessage,
    response: MeteredResponse,
    proceed: () => void,
  ): void {
    if (first === undefined) {
      proceed()
      return
    }
    let happened = false
    response.once('close', () => {
      if (!happened) first.giveBack()
    })
    cause(first.fault, {
      request,
      response,
      timers: this.#timers,
      proceed: () => this.#apply(rest, request, response, proceed),
      happened: () => {
        happened = true
        this.met[first.fault.kind] += 1
      },
    })
  }
}

interface Passage {
  readonly request: IncomingMessage
  readonly response: MeteredResponse
  readonly timers: Timers
  /** Lets the request reach the service. */
  readonly proceed: () => void
  /** To be called when the fault happens. */
  readonly happened: () => void
}

/** Makes the fault happen to one request. */
function cause(fault: Fault, passage: Passage): void {
  const { request, response, timers, proceed, happened } = passage
  switch (fault.kind) {
    case 'latency':
      happened()
      response.once('close', timers.after(fault.ms, proceed))
      return
    case 'silence':
      happened()
      return
    case 'reset':
      reset(passage, fault.when ?? 'before')
      return
    case 'status': {
      const { status, retryAfter, body } = fault
      const made = errorAnswer(request.url ?? '', status)
      const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
      answer(passage, { ...made, body: body ?? made.body }, headers)
      return
    }
    case 'answer': {
      const { status = 200, contentType = 'application/json', body = '', headers } = fault
      answer(passage, { status, contentType, body }, headers)
      return
    }
    case 'rewrite':
      response.rewriteBody((bytes) => {
        happened()
        return Buffer.from(fault.body(bytes.toString('utf8')))
      })
      proceed()
      return
    case 'headers':
      happened()
      response.forceHeaders(fault.headers)
      proceed()
      return
    case 'hangUp':
      hangUp(passage, fault.afterMs ?? 0)
      return
    case 'wrongJson':
      answer(passage, { status: 200, contentType: 'application/json', body: fault.body ?? '{"surprise":true}' })
      return
    case 'html':
      answer(passage, pageAnswer(fault.status ?? 200))
      return
    case 'cut':
      if (fault.contentLength !== undefined) response.setHeader('Content-Length', fault.contentLength)
      breakBody(passage, fault.after, () => {
        happened()
        request.socket.destroy()
      })
      return
    case 'stall':
      breakBody(passage, fault.after, happened)
  }
}

function reset({ request, response, proceed, happened }: Passage, when: 'before' | 'after'): void {
  const now = (): void => {
    happened()
    request.socket.resetAndDestroy()
  }
  if (when === 'before') return now()
  response.holdBack(now)
  proceed()
}

/** Lets the service answer, and closes the connection some time afterwards. */
function hangUp({ request, response, timers, proceed, happened }: Passage, afterMs: number): void {
  response.once('finish', () => {
    happened()
    timers.after(afterMs, () => request.socket.destroy())
  })
  proceed()
}

/** Lets the service answer, and stops its body at that moment. */
function breakBody({ response, timers, proceed }: Passage, after: FaultMoment = { bytes: 0 }, then: () => void): void {
  if ('bytes' in after) {
    response.limitBody(after.bytes, then)
  } else {
    const cancel = timers.after(after.ms, () => {
      response.fallSilent()
      then()
    })
    response.once('close', cancel)
  }
  proceed()
}

/** A response that no service made. */
interface Answer {
  readonly status: number
  /** '' sends none. */
  readonly contentType: string
  readonly body: string | Uint8Array
}

type TextAnswer = Answer & { readonly body: string }

function answer({ response, happened }: Passage, made: Answer, headers: Readonly<Record<string, string>> = {}): void {
  happened()
  const type = made.contentType === '' ? {} : { 'Content-Type': made.contentType }
  response.writeHead(made.status, { ...type, ...headers })
  response.end(made.body)
}

const connectCodes: Readonly<Record<number, number>> = { 400: 25, 401: 24, 403: 22, 404: 4, 409: 163, 500: 1 }

const genesysCodes: Readonly<Record<number, string>> = {
  400: 'bad.request',
  401: 'bad.credentials',
  403: 'not.authorized',
  404: 'not.found',
  408: 'client.timeout',
  409: 'request.conflict',
  413: 'request.entity.too.large',
  429: 'too.many.requests',
  500: 'internal.server.error',
  503: 'service.unavailable',
  504: 'request.timeout',
}

/** The error body of the service under that path; plain text where the service has none for that status. */
export function errorAnswer(path: string, status: number): TextAnswer {
  const message = STATUS_CODES[status] ?? 'Error'
  const json = (body: object): TextAnswer => ({ status, contentType: 'application/json', body: JSON.stringify(body) })
  if (path.startsWith('/oauth/')) return json({ error: 'server_error', error_description: message })
  const connectCode = connectCodes[status]
  if (path.startsWith('/__api__/') && connectCode !== undefined) {
    return json({ code: connectCode, error: message, payload: null })
  }
  const genesysCode = genesysCodes[status]
  if (path.startsWith('/api/v2/') && genesysCode !== undefined) {
    return json({ message, code: genesysCode, status, messageParams: {}, details: [], errors: [] })
  }
  return { status, contentType: 'text/plain; charset=utf-8', body: `${status} ${message}` }
}

/** The page of a proxy in front of the service. */
function pageAnswer(status: number): Answer {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    body: '<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>',
  }
}
