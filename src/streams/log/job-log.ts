import { Observable } from 'rxjs'
import { LogGapError } from '../errors.ts'
import type { TailContext } from '../job-events.ts'
import type { GapReason, LogElement } from '../types.ts'
import { LogElements } from './elements.ts'
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
    const elements = new LogElements<Ref>(ref, options.from, (batch) => {
      const gap = options.onGap === 'error' ? batch.find((element) => element._tag === 'Gap') : undefined
      subscriber.next(gap ? batch.slice(0, batch.indexOf(gap)) : batch)
      if (gap) subscriber.error(new LogGapError({ method: 'GET', path: key, gap, reason: reasons[gap.reason] }))
    })
    return new Tail(context, elements).run().subscribe(subscriber)
  })
}
