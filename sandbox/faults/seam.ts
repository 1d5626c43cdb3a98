import type { IncomingMessage } from 'node:http'
import type { MeteredResponse } from '../http/response.ts'
import type { Timers } from '../timers.ts'
import { type Answer, errorAnswer, pageAnswer } from './answers.ts'
import type { Fault, FaultMoment } from './rules.ts'

/** One request on its way to the services. */
export interface Passage {
  readonly request: IncomingMessage
  readonly response: MeteredResponse
  readonly timers: Timers
  /** Lets the request reach the service. */
  readonly proceed: () => void
  /** Is told when the fault really comes about. */
  readonly met: () => void
}

/**
 * The one place where things go wrong on purpose: it stands between the socket and both services, below everything
 * that answers, so that each fault works on every route alike.
 */
export function bringAbout(fault: Fault, passage: Passage): void {
  const { request, response, timers, met } = passage
  const path = request.url ?? ''
  const answer = (made: Answer, headers: Readonly<Record<string, string>> = {}): void => {
    met()
    response.writeHead(made.status, { 'Content-Type': made.contentType, ...headers })
    response.end(made.body)
  }
  const reset = (): void => {
    met()
    request.socket.resetAndDestroy()
  }
  switch (fault.kind) {
    case 'latency': {
      met()
      const cancel = timers.after(fault.ms, passage.proceed)
      response.once('close', cancel)
      return
    }
    case 'silence':
      met()
      return
    case 'reset':
      if (fault.when !== 'after') {
        reset()
        return
      }
      response.holdBack(reset)
      passage.proceed()
      return
    case 'status': {
      const made = errorAnswer(path, fault.status)
      const headers = fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) }
      answer({ ...made, body: fault.body ?? made.body }, headers)
      return
    }
    case 'wrongJson':
      answer({ status: 200, contentType: 'application/json', body: fault.body ?? '{"surprise":true}' })
      return
    case 'html':
      answer(pageAnswer(fault.status ?? 200))
      return
    case 'cut':
      if (fault.contentLength !== undefined) response.setHeader('Content-Length', fault.contentLength)
      breakOff(passage, fault.after, () => {
        met()
        request.socket.destroy()
      })
      return
    case 'stall':
      breakOff(passage, fault.after, met)
      return
  }
}

function breakOff({ response, timers, proceed }: Passage, after: FaultMoment = { bytes: 0 }, then: () => void): void {
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
