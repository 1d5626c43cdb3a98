import { from, map, of, timer, VirtualTimeScheduler } from 'rxjs'
import { DecodeError } from 'rxjobs'
import { expect, test } from 'vitest'
import { eachSubmitted } from '../../src/streams/submitted.ts'
import { refusal } from '../apis/support.ts'
import { letters, recorded } from './support/letters.ts'

const source = letters(() => expect.unreachable('the status is not asked for'))

test('those beyond the concurrency wait, in the order they were submitted', () => {
  const scheduler = new VirtualTimeScheduler()
  const go = (ref: string) => timer(10, scheduler).pipe(map(() => `${ref} ${scheduler.now()}`))
  const stream = from(['a', 'b', 'c', 'd', 'e']).pipe(eachSubmitted(source, { concurrency: 2 }, go))
  expect(recorded(scheduler, stream).values).toEqual(['a 10', 'b 10', 'c 20', 'd 20', 'e 30'])
})

test('what it does with a job may throw: that is an error of the stream', () => {
  const refused = new TypeError('the key is empty')
  const go = (): never => {
    throw refused
  }
  expect(recorded(new VirtualTimeScheduler(), of('').pipe(eachSubmitted(source, {}, go))).error).toBe(refused)
})

test('an unnamed submission is a DecodeError with what came, and no further job is begun', () => {
  const begun: Array<string> = []
  const choosy = letters(() => expect.unreachable(), {
    refOf: (submitted) => (submitted === '' ? { _tag: 'None' } : { _tag: 'Some', value: submitted }),
  })
  const stream = of('a', '', 'b').pipe(eachSubmitted(choosy, {}, (ref) => of(begun.push(ref))))
  const { error } = recorded(new VirtualTimeScheduler(), stream)
  expect(error).toBeInstanceOf(DecodeError)
  expect(error).toMatchObject({ issues: [{ path: '', expected: 'an answer that names the job', actual: '""' }] })
  expect(String(error)).toBe('DecodeError: POST (submission): the body should be an answer that names the job, was ""')
  expect(begun).toEqual(['a'])
})

test('concurrency is from 1 up', () => {
  expect(refusal(() => eachSubmitted(source, { concurrency: 0.5 }, (ref) => of(ref)))).toMatch(/was 0\.5$/)
})
