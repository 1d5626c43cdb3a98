import * as t from 'io-ts'
import { nullable, struct } from '../../core/index.ts'
import { listOrNull } from './list-or-null.ts'

/** What a task came to; what `data` is depends on `type`. */
export interface TaskResult {
  readonly type?: string
  readonly data?: unknown
}

/**
 * A task, as the service sends it: what a deploy, a build and a render are while they go on, and how they ended.
 *
 * A task that failed is no HTTP error: its `code` is not 0 and `error` says why.
 */
export interface Task {
  readonly id: string
  /** The output from the line on that was asked for. */
  readonly output: ReadonlyArray<string>
  readonly finished: boolean
  /** 0 unless it failed. */
  readonly code?: number | null
  /** Empty unless it failed. */
  readonly error?: string | null
  /** How many lines of output there are: the `first` of the next call. */
  readonly last?: number | null
  readonly result?: TaskResult | null
}

/** What starting a task gives: the answer of a deploy or a build. */
export interface StartedTask {
  readonly task_id: string
}

/** What rendering gives: a task in an old shape, whose `id` is what the others call `task_id`. */
export interface RenderTask extends Partial<Omit<Task, 'id'>> {
  readonly id: string
}

const lines: t.Type<ReadonlyArray<string>> = listOrNull(t.string)

const number: t.Type<number | null> = nullable(t.number)
const text: t.Type<string | null> = nullable(t.string)
const result: t.Type<TaskResult | null> = nullable(
  struct<object, TaskResult>('TaskResult', {}, { type: t.string, data: t.unknown }),
)

/** Decodes a task. */
export const Task: t.Type<Task> = struct<
  Pick<Task, 'id' | 'output' | 'finished'>,
  Pick<Task, 'code' | 'error' | 'last' | 'result'>
>('Task', { id: t.string, output: lines, finished: t.boolean }, { code: number, error: text, last: number, result })

/** Decodes what names a started task. */
export const StartedTask: t.Type<StartedTask> = struct<StartedTask>('StartedTask', { task_id: t.string })

/** Decodes a task in the old shape: only its name must be there. */
export const RenderTask: t.Type<RenderTask> = struct<Pick<RenderTask, 'id'>, Omit<RenderTask, 'id'>>(
  'RenderTask',
  { id: t.string },
  { output: lines, finished: t.boolean, code: number, error: text, last: number, result },
)
