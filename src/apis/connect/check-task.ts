import { checkAs, checkOption, isFunction } from '../../core/check-option.ts'
import { pathOf } from '../../core/index.ts'
import { checkOptions, checkSource } from '../../streams/check-stream.ts'
import type { Connect } from './connect.ts'
import type { FollowTaskOptions } from './follow-task.ts'
import type { TaskContent, Uncancellable } from './job-search.ts'
import { getJobs } from './jobs.ts'

const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isTag = (value: unknown): boolean => typeof value === 'string' || Array.isArray(value)

/** @throws TypeError for what is no client of Connect */
export function checkConnect(caller: string, pc: Connect): void {
  const given: unknown = pc
  const isClient = typeof given === 'object' && given !== null && isFunction(Reflect.get(given, 'getJobs'))
  if (!isClient) throw new TypeError(`${caller}: the first argument must be the client that connect(…) gives`)
  checkSource(caller, pc.tasks)
}

/** @throws TypeError in the caller's name for a client, a content or an option that can never work */
export function checkTask(caller: string, pc: Connect, content: TaskContent, options: FollowTaskOptions): void {
  checkConnect(caller, pc)
  checkFollow(caller, options)
  checkAs(caller, () => pathOf(getJobs, content))
}

/** @throws TypeError for an option that can never work */
export function checkFollow(caller: string, options: FollowTaskOptions): void {
  checkOptions(caller, options)
  for (const option of ['cancelWhen', 'cancelWhenLeft'] satisfies ReadonlyArray<Uncancellable>) {
    const way = `its jobs can: thenJobs(…), thenFollow(pc.jobs, { ${option} })`
    if (Reflect.get(options, option) !== undefined)
      throw new TypeError(`${caller}: ${option}: a task cannot be cancelled; ${way}`)
  }
  checkOption(`${caller}: visit`, options.visit, isFlag, 'true or false')
  checkOption(`${caller}: tag`, options.tag, isTag, "a job's tag or a list of them")
  checkOption(`${caller}: apps`, options.apps, (apps) => apps === 'follow' || apps === 'leave', "'follow' or 'leave'")
}
