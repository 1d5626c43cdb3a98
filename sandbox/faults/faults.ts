import { randomInt } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { MeteredResponse } from '../http/response.ts'
import type { Timers } from '../timers.ts'
import { type Chosen, createChooser } from './chooser.ts'
import type { FaultKind, FaultPlan, Faults } from './rules.ts'
import { bringAbout } from './seam.ts'

/** Stands before the services; calls proceed when a request may reach them. */
export interface FaultGate extends Faults {
  pass(request: IncomingMessage, response: MeteredResponse, proceed: () => void): void
}

export function createFaults({ seed = randomInt(2 ** 32), rules }: FaultPlan, timers: Timers): FaultGate {
  const met: Record<FaultKind, number> = {
    latency: 0,
    reset: 0,
    cut: 0,
    stall: 0,
    status: 0,
    wrongJson: 0,
    html: 0,
    silence: 0,
  }
  let choose = createChooser(rules, seed)

  const go = (
    chosen: ReadonlyArray<Chosen>,
    request: IncomingMessage,
    response: MeteredResponse,
    end: () => void,
  ): void => {
    const [first, ...rest] = chosen
    if (first === undefined) {
      end()
      return
    }
    let happened = false
    response.once('close', () => {
      if (!happened) first.giveBack()
    })
    bringAbout(first.fault, {
      request,
      response,
      timers,
      proceed: () => go(rest, request, response, end),
      met: () => {
        happened = true
        met[first.fault.kind] += 1
      },
    })
  }

  return {
    seed,
    met,
    set(next) {
      choose = createChooser(next, seed)
    },
    pass: (request, response, proceed) =>
      go(choose(request.method ?? '', request.url ?? ''), request, response, proceed),
  }
}
