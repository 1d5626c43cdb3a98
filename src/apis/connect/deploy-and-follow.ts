import { concat, concatMap, map, mergeMap, type Observable, of } from 'rxjs'
import { BackpressuredObservable, type Check, type Demand, pathOf, withDemand } from '../../core/index.ts'
import type { Connect } from './connect.ts'
import { type ContentRef, type CreateContent, createContent, type DeployContent, getJobs } from './endpoints.ts'
import { type FollowTaskOptions, followTaskTable, type TaskEvent, thenFollowTask } from './follow-task.ts'
import type { Bundle } from './models.ts'
import { checkClient } from './started-jobs.ts'
import { type Archive, archiveStream, uploadArchive } from './upload.ts'

/** What to deploy: a bundle, for existing content (its `guid`) or for content that is made first (its `name`). */
export type Deploy = (ContentRef | CreateContent) & {
  readonly archive: Archive
}

/** The service has the bundle: the first event. */
export interface UploadEvent {
  readonly _tag: 'Upload'
  readonly ref: ContentRef
  readonly bundle: Bundle
}

/** All events of a deploy, in one union. */
export type DeployEvent = UploadEvent | TaskEvent

/** How a deploy is followed. */
export interface DeployOptions extends FollowTaskOptions {
  /**
   * Whether the bundle becomes the active one. `false`: it stays a draft, and `visit` visits the draft's page. `tested`: it is deployed as
   * a draft, the draft's page is visited, and only if the task, its jobs and the visit succeeded it is deployed again, to be activated;
   * the outcome is that of the draft or of the second deploy. Servers before 2025.06.0 know no drafts. Default true.
   */
  readonly activate?: boolean | 'tested'
}

const activateCheck: Check = (value) =>
  typeof value === 'boolean' || value === 'tested' ? undefined : 'true, false or tested'

/**
 * From a bundle to the settled job in one stream: makes the content if it is new, uploads the bundle, deploys it, and follows the task
 * and the jobs that it starts, as {@link thenFollowTask} does.
 *
 * `Settled` is the last event. Where the deploy or an app's start failed, its outcome's `failure` has the task's code and error, and each
 * failed job's exit code and logged error. None of the POSTs is repeated, because each could take effect twice: a failure of one of them
 * ends the stream, and what was made until then stays. Unsubscribing stops what was not sent yet; a deploy that has begun goes on, and
 * so do its jobs. A stream of bytes is read to its end before it is sent.
 *
 * @throws TypeError synchronously for an invalid client, guid, name, archive or option: before anything is made
 *
 * @example
 * ```ts
 * import { connect, deployAndFollow } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const events = (archive: Uint8Array) => deployAndFollow(pc, { name: 'a-report', archive }, { apps: 'leave' })
 * const deploy = (archive: Uint8Array) =>
 *   events(archive).subscribe((event) => {
 *     if (event._tag === 'Line') console.log(event.data)
 *     if (event._tag === 'Settled' && event.outcome.phase === 'failed') console.error(event.outcome.failure)
 *   })
 * ```
 */
export function deployAndFollow(pc: Connect, deploy: Deploy, options: DeployOptions = {}): Observable<DeployEvent> {
  // All of it first: content that is made before a TypeError would be left behind.
  const name = 'deployAndFollow'
  checkClient(name, pc, options, { ...followTaskTable, activate: activateCheck })
  if (typeof deploy === 'object' && 'guid' in deploy) pathOf({ ...getJobs, name }, deploy)
  else pathOf({ ...createContent, name }, deploy)
  archiveStream(name, deploy.archive)
  const { archive, ...content } = deploy
  const { activate = true, ...follow } = options

  function deployed({ ref: { guid }, bundle }: UploadEvent, demand: Demand): Observable<DeployEvent> {
    const target = { guid, bundle_id: bundle.id }
    const once = (own: Partial<DeployContent>, more: FollowTaskOptions = {}): Observable<DeployEvent> =>
      withDemand(
        pc.deployContent({ ...target, ...own }).pipe(thenFollowTask(pc, target, { ...follow, ...more })),
        demand,
      )
    if (activate === true) return once({})
    if (!activate) return once({ activate }, follow.visit ? { visit: 'draft' } : {})
    return once({ activate: false }, { apps: 'leave', visit: 'draft' }).pipe(
      concatMap((event) => (event._tag === 'Settled' && event.outcome.phase === 'succeeded' ? once({}) : of(event))),
    )
  }

  return new BackpressuredObservable((demand) => {
    const refs: Observable<ContentRef> = 'guid' in content ? of(content) : pc.createContent(content)
    const uploads = refs.pipe(
      mergeMap(({ guid }) =>
        uploadArchive(pc, { guid, archive }).pipe(
          map((bundle): UploadEvent => ({ _tag: 'Upload', ref: { guid }, bundle })),
        ),
      ),
    )
    return uploads.pipe(mergeMap((upload) => concat(of(upload), deployed(upload, demand))))
  })
}
