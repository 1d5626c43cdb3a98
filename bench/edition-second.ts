import { of } from 'rxjs'
import { type JobSource, pooled, tailLog, thenFetchErrors, watchJob } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { accessToken, genesys } from 'rxjobs/genesys'
import type { Edition, Jobs, ServiceOptions } from './editions.ts'
import { secondEdition } from './measure.ts'

const auth = accessToken('a-token')

function source({ list, ...jobs }: Jobs): JobSource<string, object, never> {
  return {
    ...jobs,
    refOf: (id) => id,
    keyOf: (id) => id,
    failure: () => of(undefined),
    ...(list && { list: { scopeOf: () => 'all', read: (_, ids) => list(ids) } }),
  }
}

const client = ({ service, ...options }: ServiceOptions) => ({
  ...options,
  transport: ({ url }: { readonly url: string }) => service(url),
})

/** The package as it is now. */
export const second: Edition = {
  name: secondEdition,
  readJob: (baseUrl, fetch) => genesys({ baseUrl, auth, fetch }).getInfrastructureascodeJob({ jobId: 'a-job' }),
  tail: ({ random, ...options }) =>
    tailLog(
      connect({ server: 'http://localhost:1', apiKey: 'k', ...client(options) }).jobs,
      { guid: 'g', key: 'k' },
      random && { random },
    ),
  watch: (jobs, pollInterval) => {
    const from = source(jobs)
    const options = { pollInterval }
    return (id) => watchJob(from, id, options)
  },
  pool: (jobs, settings) => {
    const from = pooled(source(jobs), settings)
    return (id) => watchJob(from, id)
  },
  connectOutcome: (options) => {
    const { jobs } = connect({ server: 'http://localhost:1', apiKey: 'k', ...client(options) })
    const from = pooled(jobs, { requestsPerMinute: 300 })
    return (key) => watchJob(from, { guid: 'g', key }).pipe(thenFetchErrors(from))
  },
  genesysOutcome: (options) => {
    const { jobs } = genesys({ baseUrl: 'http://localhost:1', auth, ...client(options) })
    const from = pooled(jobs, { requestsPerMinute: 300 })
    return (jobId) => watchJob(from, { jobId }).pipe(thenFetchErrors(from))
  },
}
