import { BehaviorSubject, filter, Observable, map, of, scan, share, Subject, switchMap, take } from 'rxjs'
import { expect, test } from 'vitest'
import { alwaysReady, Paced, type Ready, withPace } from '../../src/core/paced.ts'
import { outcomeNow } from './support/outcome.ts'

/** Numbers from 0, one each time that the pace turns to true. */
function counting(): { readonly source: Paced<number>; readonly paces: ReadonlyArray<Ready> } {
  const paces: Array<Ready> = []
  const source = new Paced((ready) => {
    paces.push(ready)
    return ready.pipe(
      filter(Boolean),
      scan((count) => count + 1, -1),
    )
  })
  return { source, paces }
}

test('subscribed to like any other, it runs at full speed', () => {
  const { source, paces } = counting()
  expect(outcomeNow(source).values).toEqual([0])
  expect(paces).toEqual([alwaysReady])
})

test('each subscription is a run of its own, and none runs before', () => {
  const { source, paces } = counting()
  const piped = source.pipe(map((n) => String(n)))
  expect(paces).toHaveLength(0)
  outcomeNow(piped)
  outcomeNow(piped)
  expect(paces).toHaveLength(2)
})

test('keeps its pace through what only transforms', () => {
  const { source, paces } = counting()
  const piped = source.pipe(
    map((n) => n * 10),
    filter((n) => n !== 10),
    take(3),
    map((n) => `n${n}`),
  )
  const ready = new BehaviorSubject(false)
  const seen: Array<string> = []
  let completed = false
  withPace(piped, ready).subscribe({ next: (value) => seen.push(value), complete: () => (completed = true) })
  expect(paces).toEqual([ready])
  expect(seen).toEqual([])
  ready.next(true)
  expect(seen).toEqual(['n0'])
  ready.next(false)
  for (let turn = 0; turn < 3; turn++) ready.next(true)
  expect([seen, completed]).toEqual([['n0', 'n20', 'n30'], true])
  expect(ready.observed).toBe(false)
})

test('leaving a paced run leaves its source', () => {
  const source = new Subject<number>()
  const ready = new BehaviorSubject(true)
  const paced = new Paced<number>(() => source).pipe(map((n) => n + 1))
  const subscription = withPace(paced, ready).subscribe()
  expect(source.observed).toBe(true)
  subscription.unsubscribe()
  expect(source.observed).toBe(false)
})

test('errors come through, those of operators too', () => {
  const failure = new Error('no')
  const broken: Observable<number> = new Paced(() => of(1)).pipe(
    map(() => {
      throw failure
    }),
  )
  expect(outcomeNow(withPace(broken, alwaysReady)).error).toBe(failure)
  expect(outcomeNow(broken).error).toBe(failure)
})

test('any other stream runs as it is', () => {
  const plain = of(1, 2)
  expect(withPace(plain, new BehaviorSubject(false))).toBe(plain)
  const mixed = of(1).pipe(switchMap(() => new Paced(() => of(5))))
  expect(outcomeNow(withPace(mixed, new BehaviorSubject(false))).values).toEqual([5])
})

test('a consumer that always wants more never says otherwise', () => {
  expect(outcomeNow(alwaysReady)).toEqual({ values: [true], completed: false })
})

/** What rxjs's `publish`, `multicast` and their kin make of a stream: one of their own, with the stream's `lift`. */
function published<A>(source: Observable<A>): Observable<A> {
  const own = new Observable<A>((subscriber) => source.subscribe(subscriber))
  Object.defineProperty(own, 'lift', { value: Reflect.get(source, 'lift') })
  return own
}

test.each([
  ['shared', (source: Observable<number>) => source.pipe(share())],
  ['published', (source: Observable<number>) => published(source).pipe(share())],
])('it can be %s', (_, shared) => {
  const input = new Subject<number>()
  const all = shared(new Paced<number>(() => input)).pipe(map((n) => n + 1))
  const seen: Array<string> = []
  const [one, other] = ['a', 'b'].map((name) => all.subscribe((n) => seen.push(`${name}${n}`)))
  input.next(1)
  one?.unsubscribe()
  input.next(2)
  other?.unsubscribe()
  expect([seen, input.observed]).toEqual([['a2', 'b2', 'b3'], false])
})
