import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { defer, EMPTY, EmptyError, firstValueFrom, lastValueFrom, of, throwError } from 'rxjs'
import { type ApiError, fromTaskEither, toTaskEither } from 'rxjobs'
import { expect, test, vi } from 'vitest'
import { outcomeOf } from '../core/support/outcome.ts'
import { answered } from './support/letters.ts'

const failure = answered(503)

test('the last value is the Right, an ApiError the Left', async () => {
  expect(await toTaskEither(of(1, 2))()).toEqual(right(2))
  expect(await toTaskEither(throwError(() => failure))()).toEqual(left(failure))
})

test('it composes with what fp-ts has', async () => {
  const doubled = pipe(
    toTaskEither(of(21)),
    TE.map((value) => value * 2),
    TE.mapLeft(({ _tag }) => _tag),
    TE.chain((value) => (value > 40 ? TE.left(`${value} is too much`) : TE.right(value))),
  )
  expect(await doubled()).toEqual(left('42 is too much'))
})

test('nothing is subscribed to before it runs, and each run subscribes anew', async () => {
  let runs = 0
  const task = toTaskEither(defer(() => of(++runs)))
  expect(runs).toBe(0)
  expect([await task(), await task()]).toEqual([right(1), right(2)])
})

test('it rejects only for defects', async () => {
  const slip = new Error('a slip')
  await expect(toTaskEither(throwError(() => slip))()).rejects.toBe(slip)
  await expect(toTaskEither(EMPTY)()).rejects.toBeInstanceOf(EmptyError)
})

test('a task is a cold stream: its value, or its Left as the error', async () => {
  const task = vi.fn<TE.TaskEither<ApiError, number>>(() => Promise.resolve(right(7)))
  const stream = fromTaskEither(task)
  expect(task).not.toHaveBeenCalled()
  expect(await lastValueFrom(stream)).toBe(7)
  expect(await firstValueFrom(stream)).toBe(7)
  expect(task).toHaveBeenCalledTimes(2)
  const refused: TE.TaskEither<ApiError, number> = TE.left(failure)
  expect(await outcomeOf(fromTaskEither(refused))).toEqual({ values: [], error: failure, completed: false })
})

test('a task that rejects is a defect', async () => {
  const slip = new Error('a slip')
  expect(await outcomeOf(fromTaskEither(() => Promise.reject(slip)))).toMatchObject({ error: slip })
})

test('a promise in place of a stream is refused at the call', () => {
  const promise: object = Promise.resolve(1)
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(() => toTaskEither(promise)).toThrow(/^toTaskEither: it takes an Observable, not a promise/)
})
