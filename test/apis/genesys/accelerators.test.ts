import fc from 'fast-check'
import { BehaviorSubject, firstValueFrom, Observable, type Subscriber, take, toArray } from 'rxjs'
import { toAsyncIterable } from 'rxjobs'
import { type Chunk, type Head, withDemand } from 'rxjobs/core'
import { accessToken, client, genesys, getInfrastructureascodeAccelerators } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { sandboxes, textWith } from '../../sandbox/support.ts'
import { all, answering, asked, errorOf, genesysTo, refusal } from '../support.ts'

const start = sandboxes()
const path = '/api/v2/infrastructureascode/accelerators'
const names = ['broken-module', 'locked-division', 'quick-wrapup-code', 'support-line', 'twin-queues']

test('all pages are one stream, requested one after the other, by each subscription anew', async () => {
  const sandbox = await start()
  const found = genesysTo(sandbox).getInfrastructureascodeAccelerators({ pageSize: 2, sortBy: 'id' })
  const requests = [1, 2, 3].map((page) => `GET ${path}?pageSize=2&pageNumber=${page}&sortBy=id`)
  for (const times of [1, 2]) {
    expect((await all(found)).map(({ id }) => id)).toEqual(names)
    expect(asked(sandbox)).toEqual(Array.from({ length: times }, () => requests).flat())
  }
})

test('a listing can begin at any page', async () => {
  const sandbox = await start()
  const found = await all(
    genesysTo(sandbox).getInfrastructureascodeAccelerators({ pageSize: 2, pageNumber: 2, sortBy: 'id' }),
  )
  expect(found.map(({ id }) => id)).toEqual(names.slice(2))
})

test('a page that is not consumed is not requested', async () => {
  const sandbox = await start()
  const list = genesysTo(sandbox).getInfrastructureascodeAccelerators({ pageSize: 1, sortBy: 'id' })
  expect(asked(sandbox)).toEqual([])
  expect(await firstValueFrom(list.pipe(take(2), toArray()))).toHaveLength(2)
  expect(asked(sandbox)).toHaveLength(2)
  for await (const { id } of toAsyncIterable(list)) {
    if (id === names[1]) break
  }
  // One page may be under way while the loop thinks.
  expect(asked(sandbox).length).toBeLessThanOrEqual(5)
})

test('a busy for-await loop holds the next page back', async () => {
  const many = Array.from({ length: 400 }, (_, id) => ({ id: String(id) }))
  const { transport, requests } = answering(({ url }) => ({
    body: { entities: many, nextUri: `${new URL(url).pathname}?pageNumber=next` },
  }))
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
  let looked = 0
  for await (const { id } of toAsyncIterable(cx.getInfrastructureascodeAccelerators({ pageSize: 400 }))) {
    expect(id).toBe(String(looked))
    if (++looked === 100) break
  }
  expect(requests).toHaveLength(1)
})

test('filters are sent to the service', async () => {
  const cx = genesysTo(await start())
  const filter = { origin: 'community', type: 'module', tags: 'fails', name: 'module', description: 'declare' } as const
  const found = await all(cx.getInfrastructureascodeAccelerators({ ...filter, classification: 'other' }))
  expect(found).toEqual([
    {
      id: 'broken-module',
      name: 'Broken module',
      description: textWith('does not declare'),
      origin: 'Community',
      type: 'Module',
      classification: 'Other',
      tags: ['fails'],
      selfUri: `${path}/broken-module`,
    },
  ])
})

test('the endpoint alone reads one page', async () => {
  const { transport, requests } = answering(() => ({ body: { entities: [{ id: 'a' }], pageNumber: 3, total: 9 } }))
  const api = client({ region: 'us_east_1', auth: accessToken('t'), transport })
  const page = await firstValueFrom(api.run(getInfrastructureascodeAccelerators, { pageNumber: 3 }))
  expect([page, requests.length]).toMatchObject([{ total: 9 }, 1])
})

test('one accelerator has its specification, in the language that was asked for', async () => {
  const sandbox = await start()
  const cx = genesysTo(sandbox)
  const one = await firstValueFrom(
    cx.getInfrastructureascodeAccelerator({ acceleratorId: 'support-line', preferredLanguage: 'de' }),
  )
  const [page] = one.presentation ?? []
  expect(page?.schema?.required).toEqual(['queueName'])
  expect(page?.schema?.properties?.map((property) => Object.keys(property))).toEqual([
    ['queueName'],
    ['language'],
    ['webhookSecret'],
  ])
  expect(one.results?.entities?.map(({ type }) => type)).toContain('genesyscloud_routing_queue')
  expect(asked(sandbox)).toEqual([`GET ${path}/support-line?preferredLanguage=de`])
  expect(await errorOf(cx.getInfrastructureascodeAccelerator({ acceleratorId: 'none' }))).toMatchObject({
    status: 404,
    missing: 'object',
  })
})

const [one, two] = [{ id: 'a' }, { id: 'b' }]
test.each<[what: string, bodies: ReadonlyArray<object>, pageSize: number, found: number]>([
  ['a nextUri', [{ entities: [one], nextUri: '/x' }, { entities: [two] }], 25, 2],
  [
    'a pageCount',
    [
      { entities: [one], pageCount: 2 },
      { entities: [two], pageCount: 2 },
    ],
    25,
    2,
  ],
  ['nothing, but a full page', [{ entities: [one] }, { entities: [] }], 1, 1],
  ['nothing, and a page that is not full', [{ entities: [one] }], 2, 1],
  ['an empty page that is the last by its pageCount', [{ entities: [], nextUri: '/x', pageCount: 1 }], 25, 0],
  [
    'an empty page beyond the pageCount',
    [1, 2, 3].map((page) => ({ entities: [one, two].slice(page - 1, page), nextUri: '/x', pageCount: 2 })),
    25,
    2,
  ],
  ['an empty page with a nextUri', [{ entities: [], nextUri: '/x' }, { entities: [one] }], 25, 1],
  [
    'an empty page before the last, more than once',
    [[], [one], [], [two], []].map((entities) => ({ entities, pageCount: 5 })),
    25,
    2,
  ],
  ['a nextUri that is null', [{ entities: [one], nextUri: null, pageCount: 1 }], 1, 1],
  ['entities that are null', [{ entities: null }], 1, 0],
])('whether there is another page depends on %s', async (_, bodies, pageSize, found) => {
  const { transport, requests } = answering((_request, index) => ({ body: bodies[index] ?? expect.unreachable() }))
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport, retry: false })
  expect(await all(cx.getInfrastructureascodeAccelerators({ pageSize }))).toHaveLength(found)
  expect(requests).toHaveLength(bodies.length)
  expect(new Set(requests.map(({ url }) => new URL(url).origin))).toEqual(new Set(['https://api.mypurecloud.com']))
})

const entities = Array.from({ length: 25 }, (_, index) => ({ id: `accelerator-${index}` }))
test.each<[what: string, body: (page: number) => object]>([
  ['page 1 each time, with its number', () => ({ entities, pageNumber: 1, nextUri: '/x' })],
  ['page 1 each time, without a number', () => ({ entities, nextUri: '/x?pageNumber=1' })],
  ['page 1 each time, without a number and a nextUri', () => ({ entities })],
  ['page 1 each time, with the requested number', (page) => ({ entities, pageNumber: page, nextUri: '/x' })],
  ['page 1 each time, with a pageCount', (page) => ({ entities, pageNumber: page, pageCount: 9, nextUri: '/x' })],
  ['two pages by turns', (page) => ({ entities: [entities[page % 2]], nextUri: '/x' })],
  ['a page with a part of page 1', (page) => ({ entities: entities.slice(page - 1), nextUri: '/x' })],
  ['page 1 with changed texts', (page) => ({ entities: [{ id: 'a', name: `at ${page}` }], nextUri: `/x?at=${page}` })],
  ['page 1 in other orders', (page) => ({ entities: page % 2 ? entities : [...entities].reverse(), pageCount: 9 })],
  ['empty pages for ever, with a nextUri', () => ({ entities: [], nextUri: '/x' })],
  ['empty pages for ever, with a pageCount that grows', (page) => ({ entities: [], pageCount: page + 1 })],
  ['empty pages for ever, without a list', () => ({ nextUri: '/x' })],
  ['empty pages for ever after page 1', (page) => ({ entities: page === 1 ? entities : [], nextUri: '/x' })],
  ['page 1 and empty ones by turns', (page) => ({ entities: page % 2 ? entities : [], nextUri: '/x' })],
])('%s: an error after at most three requests', async (_, body) => {
  const { transport, requests } = answering(({ url }) => ({
    body: body(Number(new URL(url).searchParams.get('pageNumber'))),
  }))
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
  const error = await errorOf(cx.getInfrastructureascodeAccelerators())
  expect(error).toMatchObject({ _tag: 'DecodeError', method: 'GET', path })
  expect(error.message).toMatch(/entities should be a new page, was page [23]/)
  expect(requests.length).toBeLessThanOrEqual(3)
})

test('pages in a cycle of any length, with empty ones between: an error in the second turn', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 9 }), async (sizes) => {
      // Two empty pages in a row are an error as well.
      const pages = sizes.map((size, page) => entities.slice(0, size).map(({ id }) => ({ id: `${id} of ${page}` })))
      const { transport, requests } = answering((_request, index) => {
        expect(index).toBeLessThan(2 * pages.length + 2)
        return { body: { entities: pages[index % pages.length], nextUri: '/x' } }
      })
      const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
      expect(await errorOf(cx.getInfrastructureascodeAccelerators())).toMatchObject({ _tag: 'DecodeError', path })
      expect(requests.length).toBeLessThanOrEqual(pages.length + 2)
    }),
  )
})

test('a page that repeats some entries and has a new one is not an error', async () => {
  const { transport } = answering((_request, index) => ({
    body: { entities: index === 0 ? [one, two] : [two, { id: 'c' }], ...(index === 0 ? { nextUri: '/x' } : {}) },
  }))
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
  expect(await all(cx.getInfrastructureascodeAccelerators())).toHaveLength(4)
})

test('no page is requested while the consumer asks for nothing', () => {
  const { transport, requests } = answering((_request, index) => ({
    body: { entities: [{ id: String(index) }], pageCount: 2 },
  }))
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
  const demand = new BehaviorSubject(false)
  const ids: Array<string> = []
  withDemand(cx.getInfrastructureascodeAccelerators(), demand).subscribe(({ id }) => {
    ids.push(id)
    demand.next(false)
  })
  expect([ids, requests.length]).toEqual([[], 0])
  demand.next(true)
  expect([ids, requests.length]).toEqual([['0'], 1])
  demand.next(true)
  expect([ids, requests.length]).toEqual([['0', '1'], 2])
})

test('a page that fails ends the stream after the pages before it; unsubscribing aborts the request', async () => {
  const failing = answering((_request, index) =>
    index === 0 ? { body: { entities: [one], nextUri: '/x' } } : { status: 403, body: { code: 'not.authorized' } },
  )
  const seen: Array<unknown> = []
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport: failing.transport })
  await new Promise<void>((resolve) => {
    cx.getInfrastructureascodeAccelerators().subscribe({
      next: ({ id }) => seen.push(id),
      error: (error: unknown) => resolve(void seen.push(error)),
    })
  })
  expect(seen).toMatchObject(['a', { _tag: 'HttpError', status: 403 }])

  let open: Subscriber<Head | Chunk> | undefined
  const transport = () => new Observable<Head | Chunk>((subscriber) => void (open = subscriber))
  const hanging = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
  const subscription = hanging.getInfrastructureascodeAccelerators().subscribe()
  expect(open?.closed).toBe(false)
  subscription.unsubscribe()
  expect(open?.closed).toBe(true)
})

test('invalid parameters throw a TypeError synchronously', () => {
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t') })
  expect(refusal(() => cx.getInfrastructureascodeAccelerators({ pageSize: 0 }))).toMatch(/pageSize must be/)
  expect(refusal(() => cx.getInfrastructureascodeAccelerator({ acceleratorId: '..' }))).toMatch(/acceleratorId must be/)
})
