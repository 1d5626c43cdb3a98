// The session and stickiness cookies of a client: kept in memory, sent to one origin, and secrets.
import { inspect } from 'node:util'
import fc from 'fast-check'
import { defer, firstValueFrom, mergeMap, of, type Subscription, timer, VirtualTimeScheduler } from 'rxjs'
import { type Connect, connect } from 'rxjobs/connect'
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

/** A service in virtual time that gives each request that answer, after so many milliseconds; and the requests as they came. */
function timed(...answers: ReadonlyArray<{ readonly at: number; readonly answer: Head | 'failure' }>): {
  readonly pc: Connect
  readonly clock: VirtualTimeScheduler
  readonly requests: ReadonlyArray<string>
} {
  const clock = new VirtualTimeScheduler()
  const requests: Array<string> = []
  const transport: Transport = ({ headers }) =>
    defer(() => {
      const cookie = headers.find(([name]) => name === 'cookie')?.[1]
      const { at, answer } = answers[requests.push(`${clock.now()} ${cookie ?? 'none'}`) - 1] ?? {
        at: 1,
        answer: head(),
      }
      return timer(at, clock).pipe(
        mergeMap(() => {
          if (answer === 'failure') throw new Error('reset')
          return of(answer, { bytes: new TextEncoder().encode('{"task_id":"t"}') })
        }),
      )
    })
  return { pc: connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock }), clock, requests }
}

const head = (cookie?: string, status = 200): Head => ({ status, headers: cookie ? [['set-cookie', cookie]] : [] })
const deploys = (pc: Connect, count: number): ReadonlyArray<Subscription> =>
  Array.from({ length: count }, () => pc.deployContent({ guid: 'g' }).subscribe({ error: () => undefined }))

describe('requests of a client that has no cookie yet', () => {
  test('wait for the first answer, and have its cookie', () => {
    const { pc, clock, requests } = timed({ at: 150, answer: head('node=1') })
    deploys(pc, 4)
    clock.flush()
    deploys(pc, 1)
    expect(requests).toEqual(['0 none', ...['150', '150', '150', '151'].map((at) => `${at} node=1`)])
  })

  test('go together once a server that sets none has answered', () => {
    const { pc, clock, requests } = timed({ at: 150, answer: head(undefined, 404) })
    deploys(pc, 3)
    clock.flush()
    expect(requests).toEqual(['0 none', '150 none', '150 none'])
  })

  test.each([
    ['fails', { at: 150, answer: 'failure' }],
    ['has an answer of no node', { at: 150, answer: head(undefined, 503) }],
    ['hangs', { at: 1e6, answer: head('node=late') }],
  ] as const)('go one by one where the first one %s', (_, first) => {
    const { pc, clock, requests } = timed(first, { at: 50, answer: head('node=2') })
    deploys(pc, 3)
    clock.flush()
    deploys(pc, 1)
    const passedOn = Math.min(first.at, 5_000)
    expect(requests.slice(0, 3)).toEqual(['0 none', `${passedOn} none`, `${passedOn + 50} node=2`])
    expect(requests.at(-1)).toMatch(/ node=2$/)
  })

  test('go on when the first one is unsubscribed from, as does one that waits', () => {
    const { pc, clock, requests } = timed({ at: 1e6, answer: head() }, { at: 50, answer: head('node=2') })
    const [first, second] = deploys(pc, 4)
    clock.schedule(() => [second, first].forEach((one) => one?.unsubscribe()), 20)
    clock.flush()
    expect(requests).toEqual(['0 none', '20 none', '70 node=2'])
  })

  test('leave no timer behind', () => {
    const { pc, clock } = timed({ at: 150, answer: head('node=1') })
    deploys(pc, 2)
    clock.flush()
    expect(clock.now()).toBe(151)
  })
})

test('an answer to a request that was sent before the node changed does not bring the old node back', () => {
  const { pc, clock, requests } = timed(
    { at: 1, answer: head('node=1') },
    { at: 100, answer: head('node=1') },
    { at: 50, answer: head('node=2') },
  )
  deploys(pc, 1)
  clock.flush()
  deploys(pc, 2)
  clock.flush()
  deploys(pc, 1)
  expect(requests.map((line) => line.split(' ')[1])).toEqual(['none', 'node=1', 'node=1', 'node=2'])
})
