import { isObservable } from 'rxjs'
import { checkAs, isFunction } from '../../core/check-option.ts'
import { pathOf } from '../../core/index.ts'
import { kindOf } from '../../core/show.ts'
import { checkConnect, checkFollow } from './check-task.ts'
import type { Connect } from './connect.ts'
import { createContent } from './contents.ts'
import type { Deploy, DeployOptions } from './deploy-and-follow.ts'
import { getJobs } from './jobs.ts'

const caller = 'deployAndFollow'
const ways = [Symbol.asyncIterator, Symbol.iterator, 'then', 'getReader', 'subscribe']

/** True for bytes, and for what may be a stream of them: a text is one of letters. */
function isArchive(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.byteLength > 0
  if (typeof value !== 'object' || value === null) return false
  return isObservable(value) || ways.some((way) => isFunction(Reflect.get(value, way)))
}

/** @throws TypeError for what can never be deployed: content that is made first would else be left behind */
export function checkDeploy(pc: Connect, deploy: Deploy, options: DeployOptions): void {
  checkConnect(caller, pc)
  checkFollow(caller, options)
  checkAs(caller, () => ('guid' in deploy ? pathOf(getJobs, { guid: deploy.guid }) : pathOf(createContent, deploy)))
  if (isArchive(deploy.archive)) return
  const what = 'a Uint8Array that is not empty, or a stream of them'
  throw new TypeError(`${caller}: archive must be ${what}, was ${kindOf(deploy.archive)}`)
}
