import { of } from 'rxjs'
import { every, type JobSource, pooled, tailLog, thenFetchErrors, watchJob } from 'first-edition'
import { connect } from 'first-edition/connect'
import { accessToken, genesys } from 'first-edition/genesys'
import type { Edition, Jobs, ServiceOptions } from './editions.ts'
import { firstEdition } from './measure.ts'

const auth = accessToken('a-token')

function source({ list, ...jobs }: Jobs): JobSource<string> {
  return {
    ...jobs,
    refOf: (id) => ({ _tag: 'Some', value: id }),
    keyOf: (id) => id,
    failure: () => of({ _tag: 'None' }),
    ...(list && { list: { scopeOf: () => ({ _tag: 'Some', value: 'all' }), read: (_, ids) => list(ids) } }),
  }
}

const client = ({ service, ...options }: ServiceOptions) => ({
  ...options,
  transport: ({ url }: { readonly url: string }) => service(url),
})

/** Commit fb6aa4a. */
export const first: Edition = {
  name: firstEdition,
  readJob: (baseUrl, fetch) => genesys({ baseUrl, auth, fetch }).getInfrastructureascodeJob({ jobId: 'a-job' }),
  tail: ({ random, ...options }) =>
    tailLog(
      connect({ server: 'http://localhost:1', apiKey: 'k', ...client(options) }).jobs,
      { guid: 'g', key: 'k' },
      random && { random },
    ),
  watch: (jobs, pollInterval) => {
    const from = source(jobs)
    const options = { cadence: every(pollInterval) }
    return (id) => watchJob(from, id, options)
  },
  pool: (jobs, { pollInterval, ...settings }) => {
    const from = pooled(source(jobs), { ...settings, ...(pollInterval && { every: pollInterval }) })
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
