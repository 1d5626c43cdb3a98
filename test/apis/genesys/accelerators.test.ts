import { firstValueFrom, map, take, toArray } from 'rxjs'
import { toAsyncIterable } from 'rxjobs'
import { accessToken, client, genesys, getInfrastructureascodeAccelerators } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { sandboxes, textWith } from '../../sandbox/support.ts'
import { all, answering, asked, errorOf, genesysTo, refusal } from '../support.ts'

const start = sandboxes()
const path = '/api/v2/infrastructureascode/accelerators'
const names = ['broken-module', 'locked-division', 'quick-wrapup-code', 'support-line', 'twin-queues']

test('all pages are one stream, asked for one after the other', async () => {
  const sandbox = await start()
  const cx = genesysTo(sandbox)
  const found = await all(cx.getInfrastructureascodeAccelerators({ pageSize: 2, sortBy: 'id' }))
  expect(found.map(({ id }) => id)).toEqual(names)
  expect(asked(sandbox)).toEqual([1, 2, 3].map((page) => `GET ${path}?pageSize=2&pageNumber=${page}&sortBy=id`))
})

test('what is not consumed is not fetched', async () => {
  const sandbox = await start()
  const list = genesysTo(sandbox).getInfrastructureascodeAccelerators({ pageSize: 1, sortBy: 'id' })
  expect(asked(sandbox)).toEqual([])
  expect(await firstValueFrom(list.pipe(take(2), toArray()))).toHaveLength(2)
  expect(asked(sandbox)).toHaveLength(2)
  for await (const { id } of toAsyncIterable(list.pipe(map((one) => one)))) {
    if (id === names[1]) break
  }
  // One page may be under way while the loop thinks.
  expect(asked(sandbox).length).toBeLessThanOrEqual(5)
})

test('a loop that is busy holds the next page back', async () => {
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

test('filters go to the service in its words; a page alone is the endpoint', async () => {
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

test('a page alone is the endpoint', async () => {
  const { transport, requests } = answering(() => ({ body: { entities: [{ id: 'a' }], pageNumber: 3, total: 9 } }))
  const api = client({ region: 'us_east_1', auth: accessToken('t'), transport })
  const page = await firstValueFrom(api.run(getInfrastructureascodeAccelerators, { pageNumber: 3 }))
  expect([page, requests.length]).toMatchObject([{ total: 9 }, 1])
})

test('one says what it needs, and the language is asked for', async () => {
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

const one = { id: 'a' }
test.each<[what: string, bodies: ReadonlyArray<object>, pageSize: number, found: number]>([
  ['a nextUri', [{ entities: [one], nextUri: '/x' }, { entities: [one] }], 25, 2],
  [
    'a pageCount',
    [
      { entities: [one], pageCount: 2 },
      { entities: [one], pageCount: 2 },
    ],
    25,
    2,
  ],
  ['nothing, but a full page', [{ entities: [one] }, { entities: [] }], 1, 1],
  ['nothing, and a page that is not full', [{ entities: [one] }], 2, 1],
  ['a promise that an empty page breaks', [{ entities: [], nextUri: '/x', pageCount: 9 }], 25, 0],
  ['null, which is no nextUri', [{ entities: [one], nextUri: null, pageCount: 1 }], 1, 1],
  ['entities that are null', [{ entities: null }], 1, 0],
])('whether there is another page is told by %s', async (_, bodies, pageSize, found) => {
  const { transport, requests } = answering((_request, index) => ({ body: bodies[index] ?? expect.unreachable() }))
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport, retry: false })
  expect(await all(cx.getInfrastructureascodeAccelerators({ pageSize }))).toHaveLength(found)
  expect(requests).toHaveLength(bodies.length)
  expect(new Set(requests.map(({ url }) => new URL(url).origin))).toEqual(new Set(['https://api.mypurecloud.com']))
})

test('a service that gives the same page again and again is not asked for ever', async () => {
  const { transport, requests } = answering(() => ({ body: { entities: [one], pageNumber: 1, nextUri: '/x' } }))
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
  expect(await errorOf(cx.getInfrastructureascodeAccelerators())).toMatchObject({
    _tag: 'DecodeError',
    path,
    issues: [{ path: 'pageNumber', expected: '2', actual: '1' }],
  })
  expect(requests).toHaveLength(2)
})

test('what can never work is refused at the call', () => {
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t') })
  expect(refusal(() => cx.getInfrastructureascodeAccelerators({ pageSize: 0 }))).toMatch(/pageSize must be/)
  expect(refusal(() => cx.getInfrastructureascodeAccelerator({ acceleratorId: '..' }))).toMatch(/acceleratorId must be/)
})
