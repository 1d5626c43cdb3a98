import { createTarGzip } from 'nanotar'
import { type Connect, deployAndFollow } from 'rxjobs/connect'
import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  mergeMap,
  type Observable,
  tap,
  timer,
  toArray,
} from 'rxjs'
import { LogCheck } from './log-check.ts'
import type { Profile } from './profiles.ts'
import { failed, judge, type Soak } from './soak.ts'

const pages: Profile = { name: 'report', seconds: [0, 0], step: () => ({ afterMs: 0, lines: 0 }), decoration: () => '' }
const count = 40

const bundle = (): Promise<Uint8Array> =>
  createTarGzip([
    {
      name: 'manifest.json',
      data: JSON.stringify({ version: 1, metadata: { appmode: 'quarto-static', entrypoint: 'report.mjs' } }),
    },
    {
      name: 'report.mjs',
      data: `for (let n = 0; n < ${count}; n++) {
        console.log('#' + n)
        await new Promise((done) => setTimeout(done, 50))
      }`,
    },
  ])

/** Deploys one bundle after the other, each followed from the upload to the end of its job. */
export function deploy(soak: Soak, place: string, pc: Connect): Observable<never> {
  const { scheduler, now, random, until } = soak
  return defer(() => {
    if (now() >= until) return EMPTY
    const pause = timer(random() * 10_000, scheduler).pipe(ignoreElements())
    return concat(pause, deployOne(soak, place, pc), deploy(soak, place, pc))
  })
}

function deployOne(soak: Soak, place: string, pc: Connect): Observable<never> {
  const { tally, random, open } = soak
  const name = `report-${Math.floor(random() * 1e9)}`
  const where = `${place}, deploy of ${name}`
  return defer(() => {
    open.add(where)
    return bundle()
  }).pipe(
    mergeMap((archive) => deployAndFollow(pc, { name, archive })),
    toArray(),
    tap((events) => {
      const last = events.at(-1)
      const phase = last?._tag === 'Settled' ? last.outcome.phase : 'not at all'
      tally.add('jobs', `${place}: deploys that ${phase}`)
      if (phase !== 'succeeded') tally.fail(`${where}: it ended as ${phase}`)
      const check = new LogCheck(pages)
      for (const event of events) {
        // The job that restores the environment writes nothing but who it is.
        if (event._tag === 'Gap' || (event._tag === 'Line' && 'key' in event.ref && event.data.startsWith('#')))
          check.take(event)
      }
      judge(soak, where, check, count, false)
    }),
    catchError((error: unknown) => failed(soak, where, error)),
    finalize(() => open.delete(where)),
    ignoreElements(),
  )
}
