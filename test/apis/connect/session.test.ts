import { inspect } from 'node:util'
import { firstValueFrom } from 'rxjs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { session } from '../../../src/apis/connect/session.ts'
import { answering, errorOf, sendJson, serve } from '../support.ts'

test('cookies go to the server that set them and to no other origin, not even where it redirects to', async () => {
  const seen: Array<string> = []
  const note = (name: string, cookie = 'none'): number => seen.push(`${name}: ${cookie}`)
  const other = await serve((request, response) => {
    note('other', request.headers.cookie)
    sendJson(response, [])
  })
  const server = await serve((request, response) => {
    note('server', request.headers.cookie)
    response.setHeader('set-cookie', ['node=n1; Path=/; HttpOnly', `other=x; Path=/; Domain=${new URL(other).host}`])
    if (request.url?.includes('/away/') === true) response.writeHead(302, { location: other }).end()
    else sendJson(response, [])
  })
  const pc = connect({ server, apiKey: 'k' })
  await firstValueFrom(pc.getJobs({ guid: 'g' }))
  expect(await errorOf(pc.getJobs({ guid: 'away' }))).toMatchObject({ status: 302 })
  await firstValueFrom(pc.visitContent({ guid: 'away' }))
  await firstValueFrom(connect({ server: other, apiKey: 'k' }).getJobs({ guid: 'g' }))
  expect(seen).toEqual(['server: none', 'server: node=n1', 'server: node=n1', 'other: none'])
})

test('what a cookie holds is in no error and in no inspected client', async () => {
  const secret = 'a-session-nobody-may-see'
  const { transport } = answering(({ headers }, index) => {
    const cookie = headers.find(([name]) => name === 'cookie')?.[1] ?? ''
    if (index === 0) return { headers: { 'set-cookie': `node=${secret}; Path=/` }, body: [] }
    return { status: 500, body: { code: 1, error: `who sent ${cookie}?`, payload: { cookie } } }
  })
  const pc = connect({ server: 'https://host', apiKey: 'k', transport, retry: false })
  await firstValueFrom(pc.getJobs({ guid: 'g' }))
  const error = await errorOf(pc.getJobs({ guid: 'g' }))
  expect(error.message).toContain('who sent node=[secret]')
  expect(inspect([error, pc], { depth: 12, showHidden: true }) + JSON.stringify(error)).not.toContain(secret)
})

test('both of its clients share key and cookies', async () => {
  const { transport, requests } = answering(() => ({ headers: { 'set-cookie': 'a=1; Path=/' }, body: [] }))
  const { api, site } = session({ server: 'https://host/rsc', apiKey: 'k', transport })
  const get = { name: 'get', method: 'GET', path: '/x', parameters: {}, answers: {} } as const
  await errorOf(api.run(get, {}))
  await errorOf(site.run(get, {}))
  expect(requests.map(({ url, headers }) => [url, headers.slice(1)])).toEqual([
    ['https://host/rsc/__api__/x', [['authorization', 'Key k']]],
    [
      'https://host/rsc/x',
      [
        ['authorization', 'Key k'],
        ['cookie', 'a=1'],
      ],
    ],
  ])
})

test('a cookie that an error takes the place of is not in that error', async () => {
  const secret = 'a-session-nobody-may-see'
  const { transport } = answering((_, index) => ({
    status: index === 0 ? 200 : 401,
    headers: { 'set-cookie': index === 0 ? `node=${secret}; Path=/` : 'node=; Path=/; Max-Age=0' },
    body: index === 0 ? [] : { code: 1, error: `the session ${secret} is over` },
  }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  await firstValueFrom(pc.getJobs({ guid: 'g' }))
  expect((await errorOf(pc.getJobs({ guid: 'g' }))).message).toContain('the session [secret] is over')
})

test('content that is visited sets no cookie for the API', async () => {
  const { transport, requests } = answering(({ url }) => ({
    headers: { 'set-cookie': url.includes('__api__') ? 'node=n1; Path=/' : 'node=mine; Path=/' },
    body: [],
  }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  await firstValueFrom(pc.getJobs({ guid: 'g' }))
  await firstValueFrom(pc.visitContent({ guid: 'g' }))
  await firstValueFrom(pc.getJobs({ guid: 'g' }))
  const cookies = requests.map(({ headers }) => headers.find(([name]) => name === 'cookie')?.[1])
  expect(cookies).toEqual([undefined, 'node=n1', 'node=n1'])
})
