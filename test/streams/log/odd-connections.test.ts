import { lastValueFrom, map, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { connect } from '../../../src/apis/connect/index.ts'
import { type LogElement, tailLog } from '../../../src/streams/index.ts'
import { sandboxes } from '../../sandbox/support.ts'

const start = sandboxes()

type Settings = Parameters<typeof start>[0]

/** What a tail gives of a job that writes three hundred lines by and by, and how many these were. */
async function tailed(settings: Settings): Promise<{ elements: ReadonlyArray<LogElement<unknown>>; n: number }> {
  const sandbox = await start(settings)
  const { server, apiKey } = sandbox.connect
  const job = sandbox.connect.feed()
  let n = 0
  const timer = setInterval(() => {
    job.write(Array.from({ length: 1 + (n % 9) }, () => ({ source: 'stdout' as const, data: `#${n++}` })))
    if (n < 300) return
    clearInterval(timer)
    job.finish()
  }, 20)
  const log = tailLog(connect({ server, apiKey }).jobs, { guid: job.guid, key: job.key })
  const elements = await lastValueFrom(log.pipe(toArray()))
  return { elements, n }
}

const textsOf = (elements: ReadonlyArray<LogElement<unknown>>): ReadonlyArray<string> =>
  elements.map((element) => (element._tag === 'Line' ? element.data : `[${element.reason}]`))

const numbered = (n: number): ReadonlyArray<string> => Array.from({ length: n }, (_, at) => `#${at}`)

test('an odd first answer of the log, in a stream that has read its status, is waited out', async () => {
  const sandbox = await start()
  const { server, apiKey } = sandbox.connect
  const job = sandbox.connect.feed()
  job.write([{ source: 'stdout', data: 'one' }])
  job.finish()
  sandbox.faults.set([{ kind: 'html', match: { path: /\/log\?/ }, times: 1 }])
  const texts = tailLog(connect({ server, apiKey }).jobs, { guid: job.guid, key: job.key }).pipe(
    map((element) => (element._tag === 'Line' ? element.data : element.reason)),
    toArray(),
  )
  expect(await lastValueFrom(texts)).toEqual(['one'])
})

test('a line that the connection gives twice is emitted once, where times are exact', async () => {
  const { elements, n } = await tailed({ tail: { repeatsEvery: 40 } })
  expect(textsOf(elements)).toEqual(numbered(n))
})

test.each(['first', 'last'] as const)(
  'a connection that repeats lines and swaps neighbours brings no window again (%s lines)',
  async (keeps) => {
    const { elements, n } = await tailed({ tail: { swapsEvery: 55, repeatsEvery: 40 }, log: { keeps } })
    const texts = textsOf(elements)
    expect(new Set(texts)).toEqual(new Set(numbered(n)))
    expect(texts.length).toBe(n)
  },
)

test.each(['first', 'last'] as const)(
  'lines that the connection leaves out are in the log at the end, or a gap tells of them (%s lines)',
  async (keeps) => {
    const { elements, n } = await tailed({ tail: { omitsEvery: 90 }, log: { keeps } })
    const isTold = elements.some(({ _tag }) => _tag === 'Gap')
    const { length } = elements.filter(({ _tag }) => _tag === 'Line')
    expect(length === n || isTold).toBe(true)
    expect(length).toBeLessThanOrEqual(n)
  },
)
