// The flows of Connect through a reader who is busy: nothing more is read from the logs' connections meanwhile.
import { last, type Observable } from 'rxjs'
import { toAsyncIterable } from 'rxjobs'
import { type Connect, type DeployEvent, deployAndFollow, thenFollowTask } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { bundleOf, sandboxes, until } from '../../sandbox/support.ts'
import { all, connectTo } from '../support.ts'
import { published } from './publishing.ts'

const start = sandboxes()
const soon = { pollInterval: 20 }
const lines = 100_000
const entry = { source: 'stdout', data: 'x'.repeat(200) } as const
const endless = "console.log('begun'); setInterval(() => {}, 1000)"
const archive = await bundleOf('quarto-static', 'r.mjs', { 'r.mjs': endless })

test.each<[name: string, flow: (pc: Connect, guid: string) => Observable<DeployEvent>]>([
  ['thenFollowTask', (pc, guid) => pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, soon))],
  ['deployAndFollow', (pc, guid) => deployAndFollow(pc, { guid, archive }, soon)],
])('%s: of 100 000 lines the server sends a small part', { timeout: 120_000 }, async (_, flow) => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const { guid } = await published(pc, 'quarto-static', endless)
  const iterator = toAsyncIterable(flow(pc, guid))[Symbol.asyncIterator]()
  const events: Array<DeployEvent> = []
  async function readUntil(wanted: (event: DeployEvent) => boolean): Promise<DeployEvent | undefined> {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      events.push(next.value)
      if (wanted(next.value)) return next.value
    }
    return undefined
  }
  const lineOf = (text: string) => (event: DeployEvent) => event._tag === 'Line' && event.data === text

  const begun = await readUntil((event) => lineOf('begun')(event) && 'key' in event.ref)
  const job = sandbox.connect.feed({ guid })
  job.write([{ source: 'stdout', data: 'first' }])
  await readUntil(lineOf('first'))
  const tails = () => sandbox.exchanges.filter(({ path }) => path.endsWith(`${job.key}/tail`))
  const [slow] = await until(tails, ([tail]) => tail?.status === 200)
  // Once its lines come over the open connection, nobody reads on.
  await until(
    () => sandbox.inFlight(({ path }) => path.includes(job.key)),
    (open) => open === 1,
  )
  job.write([{ source: 'stdout', data: 'second' }])
  await readUntil(lineOf('second'))

  const whole = all(pc.jobTailLog(job).pipe(last()))
  for (let left = lines; left > 0; left -= 1_000) job.write(Array.from({ length: 1_000 }, () => entry))
  const quick = await until(
    () => tails().at(-1),
    (tail) => (tail?.bytesOut ?? 0) > lines * entry.data.length,
    60_000,
  )
  expect(quick).not.toBe(slow)
  expect(slow?.closedAt).toBeUndefined()
  expect(slow?.bytesOut).toBeLessThan((quick?.bytesOut ?? 0) / 2)

  job.finish()
  await whole
  if (begun !== undefined && 'key' in begun.ref) await all(pc.killJob(begun.ref))
  await readUntil(() => false)
  const told = events.filter((event) => event._tag === 'Line' && 'key' in event.ref && event.ref.key === job.key)
  expect(told).toHaveLength(lines + 2)
  expect(events.at(-1)).toMatchObject({ _tag: 'Settled' })
})
