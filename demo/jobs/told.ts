import type { Observable } from 'rxjs'
import type { Phase } from 'rxjobs'

/** What the demo shows of a job, the same for every service. */
export type Told =
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'line'; readonly source: string; readonly text: string }
  /** Lines that are missing, a connection that fails. */
  | { readonly kind: 'trouble'; readonly text: string }
  | { readonly kind: 'end'; readonly end: End; readonly why: ReadonlyArray<string> }

/** How a job ended; lost when it could not be followed to its end. */
export type End = Phase | 'lost'

/** A job that the demo follows from its submission on. */
export interface DemoJob {
  readonly name: string
  readonly told: Observable<Told>
}
