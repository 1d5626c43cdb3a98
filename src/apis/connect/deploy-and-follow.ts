import { map, mergeMap, Observable, of } from 'rxjs'
import { Paced, type Ready, withPace } from '../../core/index.ts'
import type { Archive } from './archive.ts'
import { checkDeploy } from './check-deploy.ts'
import type { Connect } from './connect.ts'
import type { CreateContent } from './contents.ts'
import type { FollowTaskOptions, TaskEvent } from './follow-task.ts'
import type { ContentRef } from './jobs.ts'
import { thenFollowTask } from './then-follow-task.ts'
import type { UploadOptions, UploadProgress } from './upload.ts'

/** What to deploy: a bundle, for content that is there (its `guid`) or for content that is made first (its `name`). */
export type Deploy = (ContentRef | CreateContent) & {
  readonly archive: Archive
}

/** How far the upload of the bundle is. */
export interface UploadEvent extends UploadProgress {
  readonly _tag: 'Upload'
  /** The content, which is also where one learns the guid of content that was made. */
  readonly ref: ContentRef
}

/** All that is told of a deploy, in one union. */
export type DeployEvent = UploadEvent | TaskEvent

/** How a deploy is followed. */
export interface DeployOptions extends FollowTaskOptions, Pick<UploadOptions, 'maxBundleBytes'> {}

/**
 * From a bundle to the settled job in one stream: makes the content if it is new, uploads the bundle, deploys it, and
 * follows the task and the jobs that it starts, as {@link thenFollowTask} does.
 *
 * `Settled` is the last event. Where the deploy or an app's start failed, its outcome's `failure` has all there is: the
 * task's code and error, and each failed job's exit code and logged error; the logs have been told by then. None of the
 * POSTs is repeated (each could take effect twice), so a failure of one of them ends the stream: what was made until then
 * stays. Unsubscribing stops what has not been sent, and no deploy that has begun: its task and its jobs go on. `Upload` events say how far the upload is, as far as that
 * can be known; a stream of bytes is read to its end before it is sent. `toAsyncIterable` holds the logs back.
 *
 * @throws TypeError at the call for a client, a guid, a name, an archive or an option that can never work: before anything is made
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
 *     if (event._tag === 'Settled' && event.outcome.failure._tag === 'Some') {
 *       const { task, jobs } = event.outcome.failure.value
 *       console.error(task, jobs)
 *     }
 *   })
 * ```
 */
export function deployAndFollow(pc: Connect, deploy: Deploy, options: DeployOptions = {}): Observable<DeployEvent> {
  checkDeploy(pc, deploy, options)
  const { archive } = deploy
  const { maxBundleBytes, ...follow } = options
  const bound = maxBundleBytes === undefined ? {} : { maxBundleBytes }
  const deploying = (ready: Ready): Observable<DeployEvent> =>
    new Observable((subscriber) => {
      const content = 'guid' in deploy ? of(deploy.guid) : pc.createContent(deploy).pipe(map(({ guid }) => guid))
      return content
        .pipe(
          mergeMap((guid) => {
            const onProgress = (progress: UploadProgress): void =>
              subscriber.next({ _tag: 'Upload', ref: { guid }, ...progress })
            return pc
              .uploadBundle({ guid, archive }, { ...bound, onProgress })
              .pipe(
                mergeMap(({ id: bundle_id }) =>
                  withPace(
                    pc.deployContent({ guid, bundle_id }).pipe(thenFollowTask(pc, { guid, bundle_id }, follow)),
                    ready,
                  ),
                ),
              )
          }),
        )
        .subscribe(subscriber)
    })
  return new Paced(deploying)
}
