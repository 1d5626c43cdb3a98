import { type MonoTypeOperatorFunction, Observable, share, Subject, type SubjectLike } from 'rxjs'
import { show } from '../../core/show.ts'

/**
 * Shares one subscription of a stream, and gives each subscriber the last `count` values before what comes live: one tail
 * of a log for any number of readers, each of which begins with its last lines.
 *
 * rxjs's `share` with a memory, and named for it: the source is subscribed to with the first subscriber and left with the
 * last; when the source completes or fails, so do all, and after each of the three the memory is empty and the next
 * subscriber begins anew. (`shareReplay` keeps its memory after the end, and its ReplaySubject shifts an array at each value:
 * its cost grows with `count`.) Here a value costs the same for any `count`: it is put into a ring. A subscriber that is late
 * costs a copy of what is remembered, and gets it at once and in order; what comes meanwhile follows it.
 *
 * ```text
 * source          --a--b--c-----d--e--|
 * first reader    ^-a--b--c-----d--e--|
 * late, count 2            ^(bc)d--e--|      (subscribes after c)
 * ```
 *
 * No subscriber holds back the others: the shared stream is not paced, and `toAsyncIterable` bounds by its `buffer` what it
 * holds for a slow one. Holds `count` values; errors are the source's.
 *
 * @throws TypeError at the call for a count that is no positive integer
 *
 * @example
 * ```ts
 * import { Subject } from 'rxjs'
 * import { shareLast } from 'rxjobs'
 *
 * const lines = new Subject<string>()
 * const shared = lines.pipe(shareLast(2))
 * shared.subscribe()
 * for (const line of ['a', 'b', 'c']) lines.next(line)
 * const late: Array<string> = []
 * shared.subscribe((line) => late.push(line))
 * lines.next('d')
 * late // => ['b', 'c', 'd']
 * ```
 */
export function shareLast<A>(count: number): MonoTypeOperatorFunction<A> {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new TypeError(`shareLast: count must be a positive integer, was ${show(count)}`)
  }
  return (source) => {
    const shared = source.pipe(share({ connector: () => lastSubject<A>(count) }))
    return new Observable((subscriber) => shared.subscribe(subscriber))
  }
}

/** A Subject that gives a new subscriber the last `count` values. */
function lastSubject<A>(count: number): SubjectLike<A> {
  const live = new Subject<A>()
  const ring: Array<A> = []
  let oldest = 0

  const remembered = new Observable<A>((subscriber) => {
    const held = [...ring.slice(oldest), ...ring.slice(0, oldest)]
    let caughtUp = false
    let end = (): void => undefined
    const whenCaughtUp = (ends: () => void): void => {
      if (caughtUp) ends()
      else end = ends
    }
    subscriber.add(
      live.subscribe({
        next: (value) => {
          if (caughtUp) subscriber.next(value)
          else held.push(value)
        },
        error: (error: unknown) => whenCaughtUp(() => subscriber.error(error)),
        complete: () => whenCaughtUp(() => subscriber.complete()),
      }),
    )
    // What a subscriber causes while it catches up is pushed to the end of this very list.
    for (const value of held) {
      if (subscriber.closed) return
      subscriber.next(value)
    }
    caughtUp = true
    end()
  })

  return {
    next: (value) => {
      if (ring.length < count) ring.push(value)
      else {
        ring[oldest] = value
        oldest = (oldest + 1) % count
      }
      live.next(value)
    },
    error: (error: unknown) => live.error(error),
    complete: () => live.complete(),
    subscribe: (observer) => remembered.subscribe(observer),
  }
}
