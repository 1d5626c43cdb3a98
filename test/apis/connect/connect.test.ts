import { firstValueFrom } from 'rxjs'
import { inspect } from 'node:util'
import { client, connect, getJob } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { all, answering, connectTo, errorOf, refusal } from '../support.ts'

const start = sandboxes()
const secret = 'never-to-be-shown'

test('an endpoint that the server lacks is not an object that is not there', async () => {
  const sandbox = await start({ connect: { lacks: ['error'] } })
  const job = sandbox.connect.feed()
  const pc = connectTo(sandbox)
  const missing = { status: 404, code: undefined, detail: '404 page not found', missing: 'endpoint' }
  expect(await errorOf(pc.jobError(job))).toMatchObject(missing)
  const none = { guid: job.guid, key: 'none' }
  expect(await errorOf(pc.getJob(none))).toMatchObject({ status: 404, code: 4, missing: 'object' })
  expect(await errorOf(connect({ ...sandbox.connect, apiKey: secret }).getJob(job))).toMatchObject({
    status: 401,
    code: 24,
  })
})

test('the address may have a prefix, a slash at its end, and the API’s own path', async () => {
  const { transport, requests } = answering(() => ({ body: [] }))
  for (const server of [
    'https://host',
    'https://host/',
    'https://host/rsc',
    'https://host/rsc/__api__/',
    'http://localhost:3939',
  ]) {
    await firstValueFrom(connect({ server, apiKey: 'k', transport }).getJobs({ guid: 'g' }))
  }
  expect(requests.map(({ url }) => url.replace('/__api__/v1/content/g/jobs', ' '))).toEqual([
    'https://host ',
    'https://host ',
    'https://host/rsc ',
    'https://host/rsc ',
    'http://localhost:3939 ',
  ])
})

test('a client for one endpoint asks what the whole one asks', async () => {
  const { transport, requests } = answering(() => ({ body: { key: 'k' } }))
  const options = { server: 'https://host', apiKey: 'k', transport }
  await firstValueFrom(client(options).run(getJob, { guid: 'g', key: 'k' }))
  await firstValueFrom(connect(options).getJob({ guid: 'g', key: 'k' }))
  expect(requests[0]).toEqual(requests[1])
  expect(requests[0]?.headers).toContainEqual(['authorization', 'Key k'])
})

test.each<[what: string, server: string, apiKey: string, says: RegExp]>([
  ['a server without a scheme', 'connect.example.com', secret, /^server: must begin with https:/],
  ['no server', '', secret, /^server: is missing; it must be a URL such as https:/],
  ['another scheme', 'ftp://connect.example.com', secret, /^server: must begin with https:/],
  ['half an address', 'https://', secret, /^server: is not a valid URL/],
  [
    'plain http to another machine',
    'http://connect.example.com',
    secret,
    /^server: plain http to another machine .* use https, or set allowHttp: true/,
  ],
  ['a password in the address', `https://me:${secret}@host`, 'k', /^server: must not hold a user name or password/],
  ['a query', `https://host/?key=${secret}`, 'k', /^server: must not have a query or a fragment/],
  [
    'a key with a line end',
    'https://host',
    `${secret}\n`,
    /^apiKey: .* line break .* position 17 of 18; was it read from a file/,
  ],
  ['a key with a line in it', 'https://host', `${secret}\r\nX-Other: 1`, /^apiKey: has .* at position 17 of 29$/],
  ['no key', 'https://host', ' ', /^apiKey: is missing or empty/],
])('%s is refused, and says why', (_, server, apiKey, says) => {
  const { transport, requests } = answering(() => ({ body: [] }))
  const words = refusal(() => connect({ server, apiKey, transport }))
  expect(words).toMatch(says)
  expect(words).not.toContain(secret)
  expect(requests).toEqual([])
})

test('the longest line that comes whole is an option', async () => {
  const { transport } = answering(() => ({ body: 'abcdef\ngh' }))
  const { full, longest } = connect({ server: 'https://host', apiKey: 'k', transport, maxLineBytes: 4 }).jobs.log
  expect(full && (await all(full({ guid: 'g', key: 'k' })))).toEqual(['abcde', 'gh'])
  expect(longest).toBe(4)
})

test('no key is to be seen in a client', () => {
  const pc = connect({ server: 'https://host', apiKey: secret })
  expect(inspect(pc, { depth: 12, showHidden: true }) + JSON.stringify(pc)).not.toContain(secret)
})
