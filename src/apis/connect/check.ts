import { aBoolean, aPositiveNumber, checkOptions, type OptionTable, pathOf } from '../../core/index.ts'
import { tailTable, watchTable } from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import { type ContentRef, getJobs } from './endpoints.ts'

// What `thenJobs`, `thenFollowTask` and `deployAndFollow` accept. A task cannot be cancelled, and always begins at its first line.

const { cancelOn: _1, cancelOnUnsubscribe: _2, ...watchOptions } = watchTable
const { cancelOn: _3, cancelOnUnsubscribe: _4, from: _5, ...tailOptions } = tailTable

const search: OptionTable = {
  visit: aBoolean,
  tag: [(tag) => typeof tag === 'string' || Array.isArray(tag), "a job's tag or a list of them"],
}

export const startedJobsTable: OptionTable = { ...watchOptions, ...search }

export const followTaskTable: OptionTable = {
  ...tailOptions,
  ...search,
  apps: [(apps) => apps === 'follow' || apps === 'leave', "'follow' or 'leave'"],
}

export const deployTable: OptionTable = { ...followTaskTable, maxBundleBytes: aPositiveNumber }

/** @throws TypeError for anything but a client of Connect */
export function checkConnect(caller: string, pc: unknown): void {
  if (typeof pc === 'object' && pc !== null && 'getJobs' in pc && 'tasks' in pc) return
  throw new TypeError(`${caller}: the first argument must be the client that connect(…) gives`)
}

/** Runs a check; its TypeError is thrown in the name of the function that was called. */
export function checkIn(caller: string, check: () => unknown): void {
  try {
    check()
  } catch (thrown) {
    throw thrown instanceof TypeError ? new TypeError(`${caller}: ${thrown.message}`, { cause: thrown }) : thrown
  }
}

/** @throws TypeError in the caller's name for an invalid client, content or option */
export function checkTask(caller: string, pc: Connect, content: ContentRef, options: object, table: OptionTable): void {
  checkConnect(caller, pc)
  checkOptions(caller, options, table)
  checkIn(caller, () => pathOf(getJobs, content))
}
