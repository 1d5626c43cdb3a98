import { accessToken, type Genesys, type GenesysJobRef, genesys } from 'rxjobs/genesys'
import type { ObservedService } from 'rxjobs/testing'
import { type Asked, type Reply, virtualService } from '../virtual-service.ts'

const secret = 'a-token-that-nobody-may-see'
const jobs = '/api/v2/infrastructureascode/jobs'
const life = 60_000
const submittedBy = { id: 'us' }

/** A virtual Genesys Cloud that makes a job of each POST, and loses its response and that of one read of a job. */
export function lostPost(): ObservedService<GenesysJobRef> & { readonly cx: Genesys } {
  const made: Array<{ readonly id: string; readonly at: number; readonly acceleratorId: unknown }> = []
  let reads = 0
  const service = virtualService((now) => {
    const shown = ({ id, at, acceleratorId }: (typeof made)[number]): object => {
      const over = now() >= at + life
      return { id, acceleratorId, dryRun: false, submittedBy, status: over ? 'RollbackComplete' : 'Running' }
    }
    const unknown: Reply = { status: 404, body: { code: 'not.found', message: `not for ${secret}` } }

    function answer({ method, url: { pathname, searchParams }, body }: Asked): Reply {
      const fields = typeof body === 'object' && body !== null ? body : {}
      const acceleratorId = 'acceleratorId' in fields ? fields.acceleratorId : searchParams.get('acceleratorId')
      if (method === 'POST') {
        made.unshift({ id: `job-${made.length}`, at: now(), acceleratorId })
        return { body: '', lost: true }
      }
      if (pathname === jobs) return acceleratorId === 'none' ? unknown : { body: made.map(shown) }
      const job = made.find(({ id }) => pathname === `${jobs}/${id}`)
      if (job === undefined) return unknown
      return { status: now() < job.at + life ? 202 : 200, body: shown(job), lost: ++reads === 3 }
    }
    return { answer, kindOf: () => 'status' }
  })
  const { transport, scheduler, now } = service
  return {
    ...service,
    cx: genesys({ region: 'us_east_1', auth: accessToken(secret), transport, scheduler }),
    ref: { jobId: 'an-accelerator' },
    missing: { jobId: 'none' },
    isOver: () => made.length > 0 && made.every(({ at }) => now() >= at + life),
    secrets: [secret],
  }
}
