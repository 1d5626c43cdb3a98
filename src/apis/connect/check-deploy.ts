import { checkAs } from '../../core/check-option.ts'
import { pathOf } from '../../core/index.ts'
import { checkArchive } from './archive.ts'
import { checkConnect, checkFollow } from './check-task.ts'
import type { Connect } from './connect.ts'
import { createContent } from './contents.ts'
import type { Deploy, DeployOptions } from './deploy-and-follow.ts'
import { getJobs } from './jobs.ts'

const caller = 'deployAndFollow'
/** @throws TypeError for what can never be deployed: content that is made first would else be left behind */
export function checkDeploy(pc: Connect, deploy: Deploy, options: DeployOptions): void {
  checkConnect(caller, pc)
  checkFollow(caller, options)
  checkAs(caller, () => ('guid' in deploy ? pathOf(getJobs, { guid: deploy.guid }) : pathOf(createContent, deploy)))
  checkArchive(caller, deploy.archive)
}
