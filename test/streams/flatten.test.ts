import fc from 'fast-check'
import { concat, from, of, repeat, take, throwError } from 'rxjs'
import { expect, test } from 'vitest'
import { flatten } from '../../src/streams/flatten.ts'
import { outcomeNow } from '../core/support/outcome.ts'

test('batches come one by one, what is none as `single` has it, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.array(fc.nat(), { maxLength: 5 }))), (values) => {
      const source = from<ReadonlyArray<string | ReadonlyArray<number>>>(values)
      const stream = flatten<string, number, string | number>(source, (text, subscriber) => subscriber.next(`${text}!`))
      const wanted = values.flatMap<string | number>((value) => (typeof value === 'string' ? [`${value}!`] : value))
      expect(outcomeNow(stream)).toEqual({ values: wanted, completed: true })
    }),
  )
})

test('what `single` drops is dropped; the error of the source comes through', () => {
  const failure = new Error('cut off')
  const source = concat(
    of('x', [1, 2]),
    throwError(() => failure),
  )
  const stream = flatten<string, number, number>(source, () => undefined)
  expect(outcomeNow(stream)).toEqual({ values: [1, 2], error: failure, completed: false })
})

test('who leaves in the middle of a batch is given nothing more of it', () => {
  let looked = 0
  const batch = [0, 1, 2, 3, 4]
  Object.defineProperty(batch, 4, { get: () => looked++ })
  const stream = flatten<never, number, number>(from([batch]), () => undefined)
  expect(outcomeNow(stream.pipe(take(2)))).toEqual({ values: [0, 1], completed: true })
  expect(looked).toBe(0)
})

test('a source that never lets go is left by who leaves', () => {
  const endless = of([1, 2, 3]).pipe(repeat())
  const stream = flatten<never, number, number>(endless, () => undefined).pipe(take(7))
  expect(outcomeNow(stream)).toEqual({ values: [1, 2, 3, 1, 2, 3, 1], completed: true })
})
