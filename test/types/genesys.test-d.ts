import type { Observable } from 'rxjs'
import {
  type AcceleratorList,
  type AcceleratorMetadata,
  type AcceleratorSpecification,
  accessToken,
  client,
  clientCredentials,
  type GenesysOptions,
  type GenesysPlace,
  genesys,
  getInfrastructureascodeAccelerators,
  type InfrastructureascodeJob,
  type InfrastructureascodeJobStatus,
  type Region,
} from 'rxjobs/genesys'
import { expectTypeOf, test } from 'vitest'

declare const job: InfrastructureascodeJob
const auth = accessToken('a-token')
const cx = genesys({ region: 'eu_central_1', auth })

/** The literals of an open enum: what an editor offers. */
type Literals<A> = A extends string ? (string extends A ? never : A) : never

test('an unknown status compiles, and the nine known ones are offered', () => {
  expectTypeOf(job.status === 'complet').toEqualTypeOf<boolean>()
  expectTypeOf<string>().toExtend<InfrastructureascodeJobStatus>()
  expectTypeOf<Literals<InfrastructureascodeJobStatus>>().toEqualTypeOf<
    | 'Created'
    | 'Queued'
    | 'Running'
    | 'Complete'
    | 'InternalError'
    | 'Incomplete'
    | 'Failed'
    | 'RollbackFailed'
    | 'RollbackComplete'
  >()
  // @ts-expect-error: a status is a string all the same
  expectTypeOf(job.status === 7)
})

test('a wrong name, a missing one and a wrong type do not compile', () => {
  const { postInfrastructureascodeJobs: post, getInfrastructureascodeJob: get, getInfrastructureascodeJobs: list } = cx
  expectTypeOf(post).toBeCallableWith({ acceleratorId: 'a', dryRun: true, parameters: [{ name: 'n', value: 'v' }] })
  // @ts-expect-error: a required parameter is missing
  post({ dryRun: true })
  // @ts-expect-error: a wrong name
  post({ acceleratorId: 'a', dryrun: true })
  // @ts-expect-error: values are always strings
  post({ acceleratorId: 'a', parameters: [{ name: 'n', value: 7 }] })

  expectTypeOf(get).toBeCallableWith({ jobId: '42', details: true })
  // @ts-expect-error: a required parameter is missing
  get({})
  // @ts-expect-error: a wrong name
  get({ id: '42' })
  // @ts-expect-error: a wrong type
  get({ jobId: 42 })
  // @ts-expect-error: undefined is not absent
  get({ jobId: '42', details: undefined })

  expectTypeOf(list).toBeCallableWith()
  expectTypeOf(list).toBeCallableWith({ maxResults: 5, sortOrder: 'asc', sortBy: 'somethingNew', status: 'Paused' })
  // @ts-expect-error: not a sort order
  list({ sortOrder: 'up' })
  // @ts-expect-error: a wrong name
  list({ max: 5 })
})

test('the types of the responses', () => {
  expectTypeOf(cx.postInfrastructureascodeJobs).returns.toEqualTypeOf<Observable<InfrastructureascodeJob>>()
  expectTypeOf(cx.getInfrastructureascodeJob).returns.toEqualTypeOf<Observable<InfrastructureascodeJob>>()
  expectTypeOf(cx.getInfrastructureascodeJobs).returns.toEqualTypeOf<
    Observable<ReadonlyArray<InfrastructureascodeJob>>
  >()
  expectTypeOf(job.dryRun).toEqualTypeOf<boolean>()
  expectTypeOf(job.errorInfo?.message).toEqualTypeOf<string | undefined>()
  expectTypeOf(cx.getInfrastructureascodeAccelerators).returns.toEqualTypeOf<Observable<AcceleratorMetadata>>()
  expectTypeOf(cx.getInfrastructureascodeAccelerators).toBeCallableWith({ pageSize: 5 }, { timeout: 5 })
  expectTypeOf(cx.getInfrastructureascodeAccelerator).returns.toEqualTypeOf<Observable<AcceleratorSpecification>>()
  expectTypeOf(client({ region: 'eu_central_1', auth }).run(getInfrastructureascodeAccelerators, {})).toEqualTypeOf<
    Observable<AcceleratorList>
  >()
  // @ts-expect-error: a wrong field
  expectTypeOf(job.state)
  // @ts-expect-error: a job is read-only
  job.results = ''
})

test('exactly one place, and an auth', () => {
  expectTypeOf<{ region: 'us_east_1' }>().toExtend<GenesysPlace>()
  expectTypeOf<{ host: string }>().toExtend<GenesysPlace>()
  expectTypeOf<{ region: 'us_east_1'; host: string }>().not.toExtend<GenesysPlace>()
  expectTypeOf<{ region: 'eu_central_9' }>().not.toExtend<GenesysPlace>()
  expectTypeOf<{ host: string }>().not.toExtend<GenesysOptions>()
  expectTypeOf<string>().not.toExtend<Region>()
  // @ts-expect-error: a secret is missing
  clientCredentials({ clientId: 'id' })
  // @ts-expect-error: only one of the two
  genesys({ region: 'us_east_1', host: 'mypurecloud.com', auth })
})
