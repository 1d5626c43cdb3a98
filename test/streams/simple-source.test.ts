import { none, some } from 'fp-ts/lib/Option.js'
import { firstValueFrom, of, VirtualTimeScheduler } from 'rxjs'
import { followJob, simpleSource } from 'rxjobs'
import { expect, test } from 'vitest'
import { inTurn, phaseOf, recorded } from './support/letters.ts'

interface Ref {
  readonly room: string
  readonly no: number
}
const ref: Ref = { room: 'a', no: 7 }

test('two functions make a source', async () => {
  const source = simpleSource({ status: ({ no }: Ref) => of(`r${no}`), phase: phaseOf })
  expect(await firstValueFrom(source.status(ref))).toEqual({ ref, job: 'r7', phase: 'running' })
  expect(source.refOf(ref)).toEqual(some(ref))
  expect(source.keyOf(ref)).toBe('{"room":"a","no":7}')
})

test.each([
  ['f', some('f')],
  ['s', none],
  ['e', none],
])('why %s: the job itself where it failed', async (job, failure) => {
  const source = simpleSource({ status: () => of(job), phase: phaseOf })
  expect(await firstValueFrom(source.failure(ref, job))).toEqual(failure)
})

test('it is followed to its end', () => {
  const scheduler = new VirtualTimeScheduler()
  const job = inTurn('q', 'r', 'f')
  const source = simpleSource({ status: ({ no }: Ref) => of(`${job()}${no}`), phase: phaseOf })
  const { values } = recorded(scheduler, followJob(source, ref, { scheduler }))
  expect(values.map(({ _tag }) => _tag)).toEqual(['Connection', 'Status', 'Status', 'Status', 'Settled'])
  expect(values.at(-1)).toMatchObject({ outcome: { ref, phase: 'failed', failure: some('f7') } })
})
