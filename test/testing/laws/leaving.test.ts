import { Observable } from 'rxjs'
import { watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

/** The same, but whoever unsubscribes only stops listening. */
const deaf = <A>(stream: Observable<A>): Observable<A> =>
  new Observable((subscriber) => {
    stream.subscribe({
      next: (value) => subscriber.next(value),
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })

test('a stream that goes on unheard breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) => deaf(watchJob(source, ref, options)))
  expect(Object.keys(broken)).toEqual(['law 3'])
  expect(broken['law 3']).toMatch(/^unsubscribed while a request is in flight: /)
})

test('a source whose request cannot be aborted breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => ({ ...source, status: (ref) => deaf(source.status(ref)) }))
  expect(Object.keys(broken)).toEqual(['law 3'])
  expect(broken['law 3']).toBe('status: unsubscribed, and a request is open after 50 ms')
})
