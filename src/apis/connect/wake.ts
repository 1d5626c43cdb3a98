import { catchError, map, type Observable, of, throwError } from 'rxjs'
import type { Option } from 'fp-ts/lib/Option.js'
import { type ApiError, isApiError } from '../../core/index.ts'
import { none, some } from '../../core/option.ts'
import type { Phase } from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import type { ContentRef } from './jobs.ts'

/**
 * The visit after a task, where one is asked for and the task has not failed: what it met, if that was an error. Visits
 * once, because each visit of an app that cannot start is another job that fails.
 */
export function wake(pc: Connect, { guid }: ContentRef, visit: boolean, phase: Phase): Observable<Option<ApiError>> {
  if (!visit || phase === 'failed') return of(none)
  return pc.visitContent({ guid }, { retry: false }).pipe(
    map(() => none),
    catchError((error: unknown) => (isApiError(error) ? of(some(error)) : throwError(() => error))),
  )
}
