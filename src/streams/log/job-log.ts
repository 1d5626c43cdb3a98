import { Observable } from 'rxjs'
import { subscribeInto } from '../../core/index.ts'
import { LogGapError } from '../errors.ts'
import type { TailContext } from '../job-events.ts'
import type { GapReason, LogElement } from '../types.ts'
import { LogElements } from './elements.ts'
import { Position } from './position.ts'
import { bindLog } from './setup.ts'
import { Tail } from './tail.ts'

const reasons: Readonly<Record<GapReason, string>> = {
  window: 'the log went on further than the service shows of it',
  ambiguous: 'equal lines leave more than one way to go on',
  download: 'the downloaded log does not continue what was emitted',
  'too-long': 'a line is longer than maxLineLength',
}

/**
 * The lines of a log while it is written, in batches: by a live connection where there is one, else by polling. When the job is over
 * the log is read until a read adds nothing.
 */
export function createLogTail<Ref, Job>(context: TailContext<Ref, Job>): Observable<ReadonlyArray<LogElement<Ref>>> {
  return new Observable((subscriber) => {
    const { ref, key, options } = context
    const { from = 'start', onGap } = options
    const elements = new LogElements<Ref>(ref, from, (batch) => {
      const gap = onGap === 'error' ? batch.find((element) => element._tag === 'Gap') : undefined
      if (gap === undefined) return subscriber.next(batch)
      subscriber.next(batch.slice(0, batch.indexOf(gap)))
      subscriber.error(new LogGapError({ method: 'GET', path: key, gap, reason: reasons[gap.reason] }))
    })
    const cursor = typeof from === 'object' && 'job' in from ? from : undefined
    const log = bindLog(context)
    const position = new Position(key, log.maxLineLength, elements, cursor)
    const tail = new Tail(context, log, position, () => elements.begin())
    subscribeInto(subscriber, tail.run(), {
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
}
