import { none, type Option, some } from 'fp-ts/lib/Option.js'
import { BehaviorSubject, from, map, of, timer, VirtualTimeScheduler } from 'rxjs'
import { DecodeError } from 'rxjobs'
import { expect, test } from 'vitest'
import { Paced, type Ready, withPace } from '../../src/core/index.ts'
import { eachPaced, eachSubmitted } from '../../src/streams/submitted.ts'
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

test.each([
  [{ note: 'Bearer hunter2', at: 5 }, 'an object with the keys ["note","at"]'],
  [['Bearer hunter2'], 'an array'],
  ['Bearer hunter2', 'a string'],
])('an unnamed submission is a DecodeError with its shape and no value, and no further job is begun', (odd, actual) => {
  const begun: Array<string> = []
  const choosy = {
    ...source,
    refOf: (submitted: unknown): Option<string> => (submitted === 'a' || submitted === 'b' ? some(submitted) : none),
  }
  const stream = of('a', odd, 'b').pipe(eachSubmitted(choosy, {}, (ref) => of(begun.push(ref))))
  const { error } = recorded(new VirtualTimeScheduler(), stream)
  expect(error).toBeInstanceOf(DecodeError)
  expect(error).toMatchObject({ issues: [{ path: '', expected: 'an answer that names the job', actual }] })
  expect(String(error)).toBe(
    `DecodeError: refOf (submitted): the body should be an answer that names the job, was ${actual}`,
  )
  expect(JSON.stringify(error)).not.toContain('hunter2')
  expect(begun).toEqual(['a'])
})

test('what comes of many paced streams is paced, that which submits among them', () => {
  const ready = new BehaviorSubject(false)
  const paces: Array<Ready> = []
  const paced = <A>(...values: ReadonlyArray<A>): Paced<A> => new Paced((at) => (paces.push(at), from(values)))
  const stream = paced('a', 'b').pipe(eachPaced(source, {}, (ref) => paced(`${ref}1`)))
  expect(recorded(new VirtualTimeScheduler(), withPace(stream, ready)).values).toEqual(['a1', 'b1'])
  expect(paces).toEqual([ready, ready, ready])
})
