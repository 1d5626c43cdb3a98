import { type Observable, take, VirtualTimeScheduler } from 'rxjs'
import { Cursor, type LogElement, tailLog } from 'rxjobs'
import { explains } from './explains.ts'
import { fakeService, longest, type Met, written } from './fake-service.ts'
import type { Scenario } from './scenario.ts'

/** What came of a scenario. */
export interface Result {
  readonly emitted: ReadonlyArray<LogElement<string>>
  readonly gaps: number
  /** What is wrong, if anything is. */
  readonly wrong: string | undefined
}

// Longer than any scenario runs, shorter than a stream that never ends.
const endless = 3_600_000

/** A small generator of numbers from 0 up to 1 (mulberry32), so that a scenario runs the same each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Runs a scenario to its end in virtual time; resumes from a JSON copy of a cursor where it says so. */
export function runScenario(scenario: Scenario, met: Met): Result {
  const scheduler = new VirtualTimeScheduler(undefined, endless)
  const source = fakeService(scenario, scheduler, met)
  const emitted: Array<LogElement<string>> = []
  const ended: { how: string | undefined } = { how: 'it does not end' }

  function run(stream: Observable<LogElement<string>>, then: () => void): void {
    stream.subscribe({
      next: (element) => emitted.push(element),
      error: (error: unknown) => (ended.how = `it fails: ${String(error)}`),
      complete: then,
    })
  }
  function begin(): void {
    const { resumeAt } = scenario
    const options = { maxLineBytes: longest }
    const whole = tailLog(source, 'job', options)
    const done = (): void => (ended.how = undefined)
    if (resumeAt === undefined) {
      run(whole, done)
    } else {
      run(whole.pipe(take(Math.max(1, resumeAt))), () => {
        const last = emitted[emitted.length - 1]
        if (last === undefined) return done()
        const from = Cursor.decode(JSON.parse(JSON.stringify(last.cursor)))
        if (from._tag === 'Left') return
        run(tailLog(source, 'job', { ...options, from: from.right }), done)
      })
    }
  }
  const { random } = Math
  Math.random = numbers(scenario.seed)
  try {
    begin()
    scheduler.flush()
  } finally {
    Math.random = random
  }
  const wrong = ended.how ?? explains(emitted, written(scenario))
  return { emitted, gaps: emitted.filter(({ _tag }) => _tag === 'Gap').length, wrong }
}
