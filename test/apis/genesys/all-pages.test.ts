import { BehaviorSubject, defer, type Observable, of, Subject, take, throwError } from 'rxjs'
import { expect, test } from 'vitest'
import { allPages, type Page } from '../../../src/apis/genesys/all-pages.ts'
import { withPace } from '../../../src/core/paced.ts'

const pages: ReadonlyArray<Page<string>> = [
  { entities: ['a', 'b'], hasNext: true },
  { entities: [], hasNext: true },
  { entities: ['c'], hasNext: false },
]

function listed(): { readonly read: (page: number) => Observable<Page<string>>; readonly asked: Array<number> } {
  const asked: Array<number> = []
  const read = (page: number): Observable<Page<string>> =>
    defer(() => {
      asked.push(page)
      const found = pages[page - 1]
      return found === undefined ? throwError(() => new Error('no such page')) : of(found)
    })
  return { read, asked }
}

function taken<A>(stream: Observable<A>): { readonly values: Array<A>; ended: unknown } {
  const seen: { readonly values: Array<A>; ended: unknown } = { values: [], ended: 'open' }
  stream.subscribe({
    next: (value) => seen.values.push(value),
    error: (error: unknown) => (seen.ended = error),
    complete: () => (seen.ended = 'complete'),
  })
  return seen
}

test('all pages in their order, from any of them on; each subscription reads them anew', () => {
  const { read, asked } = listed()
  const stream = allPages(1, read)
  expect(asked).toEqual([])
  for (let time = 1; time <= 2; time++) expect(taken(stream)).toEqual({ values: ['a', 'b', 'c'], ended: 'complete' })
  expect(asked).toEqual([1, 2, 3, 1, 2, 3])
  expect(taken(allPages(2, read))).toEqual({ values: ['c'], ended: 'complete' })
})

test('whoever has enough does not pay for the next page, to the last element of one', () => {
  const { read, asked } = listed()
  expect(taken(allPages(1, read).pipe(take(2)))).toEqual({ values: ['a', 'b'], ended: 'complete' })
  expect(asked).toEqual([1])
})

test('the next page waits for a consumer that is ready, also through an operator', () => {
  const { read, asked } = listed()
  const ready = new BehaviorSubject(false)
  const seen = taken(withPace(allPages(1, read).pipe(take(9)), ready))
  expect([seen.values, asked]).toEqual([[], []])
  ready.next(true)
  expect(seen).toEqual({ values: ['a', 'b', 'c'], ended: 'complete' })
})

test('a page that fails ends it after those before; leaving aborts the page under way', () => {
  const failing = allPages(1, (page) => (page === 1 ? of(pages[0] ?? expect.unreachable()) : listed().read(9)))
  expect(taken(failing)).toMatchObject({ values: ['a', 'b'], ended: { message: 'no such page' } })
  const page = new Subject<Page<string>>()
  const subscription = allPages(1, () => page).subscribe()
  expect(page.observed).toBe(true)
  subscription.unsubscribe()
  expect(page.observed).toBe(false)
})
