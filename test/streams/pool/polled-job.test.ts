import { map, materialize, merge, NEVER, of, retry, Subject, timer, VirtualTimeScheduler } from 'rxjs'
import { pooled, type JobSnapshot, watchJob } from 'rxjobs'
import { describe, expect, test } from 'vitest'
import { answered, inTurn, letters, phaseOf, recorded } from '../support/letters.ts'
import { service } from './service.ts'

test('a final phase with confirmAfter counts as running until a later read agrees; no list is read meanwhile', () => {
  const scheduler = new VirtualTimeScheduler()
  const next = inTurn('f', 'f', 'r', 'f', 'f')
  const status = () =>
    timer(2, scheduler).pipe(
      map((): JobSnapshot<string> => {
        const job = next()
        return { job, phase: phaseOf(job), confirmAfter: 500 }
      }),
    )
  const list = {
    scopeOf: () => 'all' as const,
    read: () => expect.unreachable('one job needs no list'),
  }
  const pool = pooled(
    { ...letters(() => NEVER), scheduler, status, list },
    { requestsPerMinute: 600, pollInterval: 300 },
  )
  const { values, times } = recorded(scheduler, watchJob(pool, 'a'))
  expect(values.map(({ phase }, index) => `${times[index] ?? 0} ${phase}`)).toEqual([
    '2 running',
    '504 running',
    '806 running',
    '1308 failed',
  ])
})

describe('an error', () => {
  test('that does not pass ends all watches of its job, and no other; a new watch reads again', () => {
    const scheduler = new VirtualTimeScheduler()
    const gone = answered(404)
    const { source, requests } = service(scheduler, {
      lives: new Map([
        [
          'b',
          [
            [0, 'r'],
            [5_000, 's'],
          ],
        ],
      ]),
      failure: (index) => (requests[index]?.what === 'a' ? gone : undefined),
    })
    const pool = pooled(source, { requestsPerMinute: 600, pollInterval: 1_000 })
    const seen: Array<unknown> = []
    const note = { error: (error: unknown) => seen.push(error) }
    const again = watchJob(pool, 'a').pipe(retry(1))
    again.subscribe(note)
    watchJob(pool, 'a').subscribe(note)
    watchJob(pool, 'b').subscribe(({ job }) => seen.push(job))
    scheduler.flush()
    expect(seen).toEqual([gone, 'r', gone, 's'])
    expect(requests.filter(({ what }) => what === 'a')).toHaveLength(2)
  })

  test('of a function of the source is a defect, and goes to those who watch', () => {
    const scheduler = new VirtualTimeScheduler()
    const defect = new RangeError('no comparison')
    const same = (): boolean => {
      throw defect
    }
    const pool = pooled(
      letters(() => of('r'), { same }),
      { requestsPerMinute: 600, scheduler },
    )
    expect(recorded(scheduler, watchJob(pool, 'a'))).toMatchObject({ error: defect, values: [{ job: 'r' }] })
    expect(scheduler.actions).toEqual([])
  })
})

test.each(['random', 'transient'] as const)('a function of the caller’s that throws (%s) ends the watches', (name) => {
  const defect = new RangeError('no wait')
  const broken = (): never => {
    throw defect
  }
  for (const list of [false, true]) {
    const scheduler = new VirtualTimeScheduler()
    const { source } = service(scheduler, {
      lives: new Map(),
      failure: () => answered(name === 'random' ? 503 : 404),
      ...(list ? { shows: () => true } : {}),
    })
    const pool = pooled(
      { ...source, ...(name === 'transient' ? { transient: broken } : {}) },
      {
        requestsPerMinute: 600,
        ...(name === 'random' ? { random: broken } : {}),
      },
    )
    const both = [watchJob(pool, 'a'), watchJob(pool, 'b')].map((watch) => watch.pipe(materialize()))
    expect(recorded(scheduler, merge(...both)).values).toMatchObject([{ error: defect }, { error: defect }])
  }
})

test('the last one to leave aborts the request, or the wait: nothing is left', () => {
  for (const leaveAt of [0, 5, 50, 1_015]) {
    const scheduler = new VirtualTimeScheduler()
    const { source, open, requests } = service(scheduler, { lives: new Map() })
    const pool = pooled(source, { requestsPerMinute: 600, pollInterval: 1_000 })
    const [first, last] = [watchJob(pool, 'a').subscribe(), watchJob(pool, 'a').subscribe()]
    first.unsubscribe()
    scheduler.schedule(() => {
      expect(scheduler.actions.length).toBe(open() + (open() === 0 ? 1 : 0))
      last.unsubscribe()
      expect([open(), scheduler.actions]).toEqual([0, []])
    }, leaveAt)
    scheduler.flush()
    expect([leaveAt, requests.length]).toEqual([leaveAt, leaveAt < 1_000 ? 1 : 2])
  }
})

test('pollNow asks for a read at once, and not for a second one beside it', () => {
  const scheduler = new VirtualTimeScheduler()
  const { source, requests } = service(scheduler, {
    lives: new Map([
      [
        'a',
        [
          [0, 'r'],
          [300, 's'],
        ],
      ],
    ]),
  })
  const pollNow = new Subject<void>()
  pooled(source, { requestsPerMinute: 600, pollInterval: 100 }).watch?.('a', { pollInterval: 100 }, pollNow).subscribe()
  for (const at of [1, 30, 31]) scheduler.schedule(() => pollNow.next(), at)
  scheduler.flush()
  expect(requests.map(({ at }) => at)).toEqual([0, 10, 120, 230, 340])
  expect(pollNow.observed).toBe(false)
})
