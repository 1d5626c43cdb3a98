import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { defer, lastValueFrom, mergeMap, type Observable, of, throwError } from 'rxjs'
import { checkObservable } from '../core/check-option.ts'
import type { ApiError } from '../core/index.ts'
import { attempt } from './attempt.ts'

/**
 * A stream as an fp-ts TaskEither: its last value, or the ApiError that it failed with.
 *
 * Each run subscribes anew. The promise rejects only for defects: what is no ApiError, and a stream without a value.
 *
 * @throws TypeError at the call for what is no Observable
 *
 * @example
 * ```ts
 * import { of } from 'rxjs'
 * import { toTaskEither } from 'rxjobs'
 *
 * const result = await toTaskEither(of(1, 2))()
 * result // => { _tag: 'Right', right: 2 }
 * ```
 */
export function toTaskEither<A>(source: Observable<A>): TaskEither<ApiError, A> {
  checkObservable('toTaskEither', source)
  return () => lastValueFrom(source.pipe(attempt()))
}

/**
 * A TaskEither as a cold stream: its value, or its Left as the error. A task cannot be cancelled: unsubscribing only
 * stops listening.
 *
 * @example
 * ```ts
 * import { lastValueFrom } from 'rxjs'
 * import { fromTaskEither, toTaskEither } from 'rxjobs'
 * import { of } from 'rxjs'
 *
 * await lastValueFrom(fromTaskEither(toTaskEither(of('there and back')))) // => 'there and back'
 * ```
 */
export function fromTaskEither<A>(task: TaskEither<ApiError, A>): Observable<A> {
  return defer(task).pipe(
    mergeMap((result) => (result._tag === 'Right' ? of(result.right) : throwError(() => result.left))),
  )
}
