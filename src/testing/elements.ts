import type { Phase } from '../streams/index.ts'

// Streams under test emit anything; of what our own streams emit, the laws know these.

/** A status, whatever its job. */
export interface AnyStatus {
  readonly _tag: 'Status'
  readonly ref: unknown
  readonly job: unknown
  readonly phase: Phase
}

/** A piece of a log: a line's text, or a gap. */
export type LogPiece = { readonly _tag: 'Line'; readonly data: string } | { readonly _tag: 'Gap' }

const tagged = (value: unknown): value is { readonly _tag: unknown } =>
  typeof value === 'object' && value !== null && '_tag' in value

export const isStatus = (value: unknown): value is AnyStatus =>
  tagged(value) && value._tag === 'Status' && 'ref' in value && 'job' in value && 'phase' in value

export const isLogPiece = (value: unknown): value is LogPiece =>
  tagged(value) &&
  (value._tag === 'Gap' || (value._tag === 'Line' && 'data' in value && typeof value.data === 'string'))

/** The last event of a job. */
export const isSettled = (value: unknown): value is { readonly ref: unknown } =>
  tagged(value) && value._tag === 'Settled' && 'ref' in value
