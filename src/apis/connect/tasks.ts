import { type Endpoint, inPath, inQuery, integer, json } from '../../core/index.ts'
import { Task } from './task.ts'

/** Which task to get, from where on, and how long it may take. */
export interface GetTask {
  readonly id: string
  /** From which line of the output on. Default 0: all of it. Give the `last` of the answer before. */
  readonly first?: number
  /**
   * Seconds, from 0 to 20, that the answer may wait for the task to finish; new output does not end the wait. Default 0.
   * `pc.getTask` waits for it beyond the client's `timeout`; `run` does not, and its `timeout` must be longer.
   */
  readonly wait?: number
}

/** How long the service was asked to wait, in milliseconds. */
export const waitOf = ({ wait = 0 }: GetTask): number => (wait > 0 ? wait * 1_000 : 0)

/** Get task details. */
export const getTask: Endpoint<GetTask, Task> = {
  name: 'getTask',
  method: 'GET',
  path: '/v1/tasks/{id}',
  parameters: { id: inPath, first: inQuery(integer(0)), wait: inQuery(integer(0, 20)) },
  answers: { 200: json(Task) },
}
