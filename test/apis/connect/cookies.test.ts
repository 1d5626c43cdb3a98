// The session and stickiness cookies of a client: kept in memory, sent to one origin, and secrets.
import { inspect } from 'node:util'
import fc from 'fast-check'
import { defer, firstValueFrom, lastValueFrom, mergeMap, type Observable, of, timer, VirtualTimeScheduler } from 'rxjs'
import { type Connect, client, connect, deployContent, getTask } from 'rxjobs/connect'
import type { Head, Transport } from 'rxjobs/core'
import { describe, expect, test } from 'vitest'
import { answering, errorOf, sendJson, serve } from '../support.ts'

/** A client whose server sets those cookies, one list for each answer, and the cookies that it was sent. */
function cookied(...answers: ReadonlyArray<ReadonlyArray<string>>): {
  readonly ask: () => Promise<string | undefined>
} {
  const { transport, requests } = answering((_, index) => ({
    headers: { 'Set-Cookie': (answers[index] ?? []).join(', ') },
    body: [],
  }))
  const pc = connect({ server: 'https://host.example.com/rsc', apiKey: 'k', transport })
  const ask = async (): Promise<string | undefined> => {
    await firstValueFrom(pc.getJobs({ guid: 'g' }))
    return requests.at(-1)?.headers.find(([name]) => name === 'cookie')?.[1]
  }
  return { ask }
}

/** The Cookie header of the request after the answers that set those cookies. */
async function sentAfter(...answers: ReadonlyArray<ReadonlyArray<string>>): Promise<string | undefined> {
  const { ask } = cookied(...answers)
  for (let times = 0; times < answers.length; times++) await ask()
  return ask()
}

test('a cookie is sent with the next requests; the newest value of a name counts', async () => {
  expect(await sentAfter(['a=1; Path=/; HttpOnly'])).toBe('a=1')
  expect(await sentAfter(['a=1', 'b=2; SameSite=Lax'], ['a=3; Path=/rsc; Secure'])).toBe('b=2; a=3')
  expect(await sentAfter(['a=b=c', 'e="q"'])).toBe('a=b=c; e="q"')
})

test('an empty value removes a cookie; attributes do not count', async () => {
  expect(await sentAfter(['a=1', 'b=2'], ['a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0'])).toBe('b=2')
  expect(await sentAfter(['a=1; Max-Age=5; Domain=other.example.com; Path=/other'])).toBe('a=1')
})

test.each(['', ';', '=1', 'a', 'a b=1', 'a\n=1', 'a=1\r\nx-other: 1', 'a=\u20ac', `a=${'x'.repeat(4096)}`])(
  '%j is not a cookie',
  async (header) => expect(await sentAfter([header])).toBeUndefined(),
)

test('several cookies that a fetch joined with commas, dates among them', async () => {
  const name = fc.stringMatching(/^[a-z]{1,5}$/)
  const value = fc.stringMatching(/^[!-+\--:<-~]{1,9}$/)
  const rest = fc.constantFrom('', '; Path=/', '; Expires=Thu, 01 Jan 2099 00:01:00 GMT; HttpOnly', '; Max-Age=9')
  const cookies = fc.uniqueArray(fc.tuple(name, value, rest), { minLength: 1, selector: ([is]) => is })
  await fc.assert(
    fc.asyncProperty(cookies, async (some) => {
      const sent = await sentAfter(some.map(([is, of, more]) => `${is}=${of}${more}`))
      expect(sent).toBe(some.map(([is, of]) => `${is}=${of}`).join('; '))
    }),
  )
})

test('a server can neither fill the memory nor make requests larger than servers take', async () => {
  const large = await sentAfter(Array.from({ length: 20 }, (_, index) => `c${index}=${'x'.repeat(4_000)}`))
  expect(large?.match(/c\d+(?==)/g)).toEqual(['c16', 'c17', 'c18', 'c19'])
  const many = await sentAfter(Array.from({ length: 5_000 }, (_, index) => `cookie${index}=${index}`))
  expect(many?.length).toBeLessThan(20_000)
  expect(many).toContain('cookie4999=4999')
})

test('cookies go to the server that set them and to no other origin, not even where it redirects to', async () => {
  const seen: Array<string> = []
  const note = (name: string, cookie = 'none'): number => seen.push(`${name}: ${cookie}`)
  const other = await serve((request, response) => {
    note('other', request.headers.cookie)
    sendJson(response, [])
  })
  const server = await serve((request, response) => {
    note('server', request.headers.cookie)
    response.setHeader('set-cookie', ['node=n1; Path=/; HttpOnly'])
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

test('a page that is visited gets the cookies and sets none', async () => {
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

test('with `cookies: false` none is kept or sent', async () => {
  const { transport, requests } = answering(() => ({ headers: { 'set-cookie': 'node=n1' }, body: [] }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport, cookies: false })
  await firstValueFrom(pc.getJobs({ guid: 'g' }))
  await firstValueFrom(pc.getJobs({ guid: 'g' }))
  expect(requests.flatMap(({ headers }) => headers.filter(([name]) => name === 'cookie'))).toEqual([])
})

const secret = 'a-session-nobody-may-see'

test('a cookie’s value is in no error and in no inspected client', async () => {
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

test.each(['node=; Max-Age=0', 'node=another-session'])(
  'nor is a value that %s took the place of',
  async (replacing) => {
    const { transport } = answering((_, index) => ({
      status: index === 0 ? 200 : 401,
      headers: { 'set-cookie': index === 0 ? `node=${secret}; Path=/` : replacing },
      body: index === 0 ? [] : { code: 1, error: `the session ${secret} is over` },
    }))
    const pc = connect({ server: 'https://host', apiKey: 'k', transport })
    await firstValueFrom(pc.getJobs({ guid: 'g' }))
    for (let times = 0; times < 2; times++) {
      expect((await errorOf(pc.getJobs({ guid: 'g' }))).message).toContain('the session [secret] is over')
    }
  },
)

/** A service in virtual time that gives each request that answer, after so many milliseconds; and the cookies of the requests. */
function timed(...answers: ReadonlyArray<{ readonly at: number; readonly cookie?: string; readonly body?: object }>): {
  readonly pc: Connect
  readonly clock: VirtualTimeScheduler
  readonly sent: ReadonlyArray<string>
} {
  const clock = new VirtualTimeScheduler()
  const sent: Array<string> = []
  const transport: Transport = ({ headers }) =>
    defer(() => {
      const index = sent.push(headers.find(([name]) => name === 'cookie')?.[1] ?? 'none') - 1
      const { at = 1, cookie, body = { task_id: 't' } } = answers[index] ?? {}
      const head: Head = { status: 200, headers: cookie === undefined ? [] : [['Set-Cookie', cookie]] }
      return timer(at, clock).pipe(mergeMap(() => of(head, { bytes: new TextEncoder().encode(JSON.stringify(body)) })))
    })
  return { pc: connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock }), clock, sent }
}

test('requests of a client that has no cookie yet go at once', () => {
  const { pc, clock, sent } = timed({ at: 100, cookie: 'node=1' })
  for (const guid of ['a', 'b', 'c']) pc.getJobs({ guid }).subscribe({ error: () => undefined })
  expect([clock.now(), sent]).toEqual([0, ['none', 'none', 'none']])
})

test('an answer to a request that was sent before the node changed does not bring the old node back', () => {
  const { pc, clock, sent } = timed(
    { at: 1, cookie: 'node=1' },
    { at: 100, cookie: 'node=1' },
    { at: 50, cookie: 'node=2' },
  )
  const ask = (): unknown => pc.deployContent({ guid: 'g' }).subscribe()
  ask()
  clock.flush()
  ask()
  ask()
  clock.flush()
  ask()
  expect(sent).toEqual(['none', 'node=1', 'node=1', 'node=2'])
})

describe('a task keeps the cookies of the answer that started it', () => {
  type Start = (pc: Connect) => Observable<unknown>
  /** An answer that starts a task of that id, and the cookie that it sets. */
  type Answer = readonly [id: string, cookie?: string]

  /** Starts tasks with those answers; then the cookies of two reads of the task `t`, and of a request that is of no task. */
  async function cookiesAfter(answers: ReadonlyArray<Answer>, start: Start, named: string): Promise<unknown> {
    const { transport, requests } = answering(({ method }, index) => {
      const [id, cookie] = answers[index] ?? ['t', 'node=of-a-read']
      const headers = cookie === undefined ? {} : { 'set-cookie': cookie }
      return { headers, body: method === 'POST' ? { [named]: id } : { id, output: [], finished: true } }
    })
    const pc = connect({ server: 'https://host/rsc', apiKey: 'k', transport })
    for (let times = 0; times < answers.length; times++) await lastValueFrom(start(pc))
    for (let times = 0; times < 2; times++) await firstValueFrom(pc.getTask({ id: 't', first: 1, wait: 2 }))
    await firstValueFrom(pc.visitContent({ guid: 'g' }))
    const sent = requests.map(({ headers }) => headers.find(([name]) => name === 'cookie')?.[1] ?? 'none')
    return sent.slice(answers.length)
  }

  const deploy: Start = (pc) => pc.deployContent({ guid: 'g' })

  test.each<[what: string, start: Start, named: string]>([
    ['a deploy', deploy, 'task_id'],
    ['a build', (pc) => pc.buildContent({ guid: 'g' }), 'task_id'],
    ['a render', (pc) => pc.renderContent({ guid: 'g' }), 'task_id'],
    ['a render of a variant', (pc) => pc.renderVariant({ variant_id: 1 }), 'id'],
  ])('of %s; other requests have the newest', async (_, start, named) => {
    const attributes = '; Path=/; HttpOnly; Expires=Thu, 01 Jan 2099 00:01:00 GMT'
    const answers: ReadonlyArray<Answer> = [
      ['t', `node=1${attributes}`],
      ['u', 'node=2; Secure; SameSite=None'],
    ]
    expect(await cookiesAfter(answers, start, named)).toEqual(['node=1', 'node=1', 'node=2'])
  })

  test.each<[what: string, answers: ReadonlyArray<Answer>, read: string, other: string]>([
    ['sets none: those of its request', [['a', 'node=1'], ['t'], ['b', 'node=2']], 'node=1', 'node=2'],
    [
      'sets one of two',
      [
        ['a', 'lang=en, node=1'],
        ['t', 'node=3'],
        ['b', 'node=2'],
      ],
      'lang=en; node=3',
      'lang=en; node=2',
    ],
    [
      'takes one away',
      [
        ['a', 'lang=en, node=1'],
        ['t', 'node='],
        ['b', 'node=2'],
      ],
      'lang=en',
      'lang=en; node=2',
    ],
    [
      'starts the same task again',
      [
        ['t', 'node=1'],
        ['t', 'node=2'],
      ],
      'node=2',
      'node=2',
    ],
  ])('where that %s', async (_, answers, read, other) => {
    expect(await cookiesAfter(answers, deploy, 'task_id')).toEqual([read, read, other])
  })

  test.each<[what: string, answers: ReadonlyArray<Answer>]>([
    ['that another client started', [['a', 'node=1']]],
    ['whose start had none', [['t'], ['a', 'node=1']]],
    ['whose name cannot be read', [['..'], ['\ud800'], ['', 'node=1']]],
  ])('a task %s has those of the other requests', async (_, answers) => {
    expect(await cookiesAfter(answers, deploy, 'task_id')).toEqual(['node=1', 'node=of-a-read', 'node=of-a-read'])
  })

  test('a thousand tasks; those before them have those of the other requests', async () => {
    const many = Array.from({ length: 1_000 }, (_, index): Answer => [`task ${index}`, `node=${index}`])
    const own: Answer = ['t', 'node=own']
    expect(await cookiesAfter([own, ...many.slice(1)], deploy, 'task_id')).toEqual(['node=own', 'node=own', 'node=999'])
    const forgotten = ['node=999', 'node=of-a-read', 'node=of-a-read']
    expect(await cookiesAfter([own, ...many], deploy, 'task_id')).toEqual(forgotten)
  })

  test('also with the client for single operations, whether it gives the answer or its value', async () => {
    const { transport, requests } = answering(({ method }, index) => ({
      headers: { 'set-cookie': `node=${index}` },
      body: method === 'POST' ? { task_id: `t/${index}` } : { id: 't', output: [], finished: true },
    }))
    const single = client({ server: 'https://host', apiKey: 'k', transport })
    expect(await lastValueFrom(single.run(deployContent, { guid: 'g' }))).toEqual({ task_id: 't/0' })
    const { status, value } = await lastValueFrom(single.runWithResponse(deployContent, { guid: 'g' }))
    expect([status, value]).toEqual([200, { task_id: 't/1' }])
    for (const id of ['t/0', 't/1']) await lastValueFrom(single.run(getTask, { id }))
    const sent = requests.slice(2).map(({ headers }) => headers.find(([name]) => name === 'cookie')?.[1])
    expect(sent).toEqual(['node=0', 'node=1'])
  })

  test('and tells them in no error', async () => {
    const { transport } = answering(({ method, headers }, index) => {
      const cookie = headers.find(([name]) => name === 'cookie')?.[1] ?? ''
      if (method === 'GET') return { status: 400, body: { code: 1, error: `who sent ${cookie}?` } }
      return { headers: { 'set-cookie': `node=${secret}-${index}` }, body: { task_id: `t${index}` } }
    })
    const pc = connect({ server: 'https://host', apiKey: 'k', transport })
    for (let times = 0; times < 150; times++) await firstValueFrom(deploy(pc))
    for (const id of ['t0', 't149'])
      expect((await errorOf(pc.getTask({ id }))).message).toContain('who sent node=[secret]')
  })
})
