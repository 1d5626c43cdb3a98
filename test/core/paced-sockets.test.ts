import { BehaviorSubject, filter, map, tap, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { withPace } from '../../src/core/paced.ts'
import { fetches } from './support/fetches.ts'
import { setups } from './support/http-client.ts'
import { watch } from './support/outcome.ts'
import { block, pour } from './support/pour.ts'
import { downloadThing } from './support/things.ts'
import { atRest, until } from './support/until.ts'

const start = setups()

test.each(fetches)(
  '%s: held back through operators, the server waits, no timeout strikes, and all comes in the end',
  async (_, fetch) => {
    const total = 200 * block.length
    const scheduler = new VirtualTimeScheduler(undefined, 3_600_000)
    let taken = 0
    const { api } = await start((__, response) => void pour(response, 200, (bytes) => (taken = bytes)), {
      ...{ fetch, scheduler, timeout: 5_000, idleTimeout: 50 },
    })
    const ready = new BehaviorSubject(true)
    let read = 0
    const sizes = api.run(downloadThing, { id: 'a' }).pipe(
      map((bytes) => bytes.length),
      filter((size) => size > 0),
      tap((size) => {
        if (read === 0) ready.next(false)
        read += size
      }),
    )
    const outcome = watch(withPace(sizes, ready))
    await until(
      () => read,
      (bytes) => bytes > 0,
    )
    expect(await atRest(() => taken)).toBeLessThan(total / 2)
    // An hour passes.
    scheduler.flush()
    expect([outcome().error, scheduler.actions]).toEqual([undefined, []])
    ready.next(true)
    await until(outcome, ({ completed, error }) => completed || error !== undefined)
    expect(outcome().completed).toBe(true)
    expect(outcome().values.reduce((sum, size) => sum + size, 0)).toBe(total)
    expect(scheduler.actions).toEqual([])
  },
)
