// Processor time to check an entry of a log and a page of a thousand, beside parsing the same bytes.
import * as t from 'io-ts'
import { LogEntries, LogEntry } from 'rxjobs/connect'
import { z } from 'zod'
import { cpu, inTurns } from '../measuring.ts'
import { report, type Row } from '../report.ts'

const entries = 1_000
const times = 300

const texts = Array.from({ length: entries }, (_, n) =>
  JSON.stringify({
    source: n % 7 === 0 ? 'stderr' : 'stdout',
    timestamp: `2026-11-22T10:00:${String(n % 60).padStart(2, '0')}.${String(n).padStart(9, '0')}Z`,
    data: `step ${n}: the quick brown fox jumps over the lazy dog`,
  }),
)
const pageText = `{"entries":[${texts.join()}]}`
const parsed = texts.map((text): unknown => JSON.parse(text))
const parsedPage: unknown = JSON.parse(pageText)

const plainEntry = t.type({
  source: t.union([t.literal('stdout'), t.literal('stderr')]),
  timestamp: t.string,
  data: t.string,
})
const plainPage = t.type({ entries: t.array(plainEntry) })
const zodEntry = z.object({ source: z.string(), timestamp: z.string(), data: z.string() })
const zodPage = z.object({ entries: z.array(zodEntry) })

/** Nanoseconds of processor time for one entry, where `one` must be true of every entry. */
function perEntry<A>(inputs: ReadonlyArray<A>, one: (input: A) => boolean): () => number {
  return () => {
    const begun = cpu()
    let good = 0
    for (let time = 0; time < times; time++) for (const input of inputs) if (one(input)) good++
    if (good !== times * inputs.length) throw new Error(`${good} of ${times * inputs.length} fitted`)
    return ((cpu() - begun) * 1e6) / (times * entries)
  }
}

const right = (decoded: { readonly _tag: 'Left' | 'Right' }): boolean => decoded._tag === 'Right'
const isObject = (u: unknown): boolean => typeof u === 'object' && u !== null

const ofEntry = await inTurns(
  [
    ['JSON.parse', perEntry(texts, (text) => isObject(JSON.parse(text)))],
    ['rxjobs', perEntry(parsed, (u) => right(LogEntry.decode(u)))],
    ['io-ts', perEntry(parsed, (u) => right(plainEntry.decode(u)))],
    ['zod', perEntry(parsed, (u) => zodEntry.safeParse(u).success)],
  ],
  { rounds: 15 },
)
const ofPage = await inTurns(
  [
    ['JSON.parse', perEntry([pageText], (text) => isObject(JSON.parse(text)))],
    ['rxjobs', perEntry([parsedPage], (u) => right(LogEntries.decode(u)))],
    ['io-ts', perEntry([parsedPage], (u) => right(plainPage.decode(u)))],
    ['zod', perEntry([parsedPage], (u) => zodPage.safeParse(u).success)],
  ],
  { rounds: 15 },
)

const rows = ([...[ofEntry, ofPage].entries()] as const).flatMap(([at, found]) =>
  found.map(
    ({ subject, value, ratio }): Row => ({
      measure: at === 0 ? 'an entry by itself' : `an entry in a page of ${entries}`,
      subject,
      value,
      unit: 'ns',
      ratio,
      to: 'JSON.parse',
    }),
  ),
)

const ours = (found: typeof ofEntry): number => found.find(({ subject }) => subject === 'rxjobs')?.ratio ?? Number.NaN
const mark = (what: string, value: number) => ({ what, bound: '≤ 0.15 × JSON.parse', value, met: value <= 0.15 })

report({
  title: 'Decoding a log',
  how: `Processor time to check values that fit, ${entries} different entries of about 130 bytes, ${times} times a round.`,
  rows,
  marks: [mark('an entry by itself', ours(ofEntry)), mark('an entry in a page', ours(ofPage))],
  plots: [
    {
      kind: 'bars',
      title: 'Checking an entry in a page, as a part of parsing it',
      unit: '× JSON.parse',
      mark: 0.15,
      bars: ofPage.slice(1).map(({ subject, ratio }) => ({ label: subject, value: ratio })),
    },
  ],
  notes: [
    'Only the valid path: values that do not fit go through the whole codec, which names path and value, at io-ts’s pace.',
    'zod gives a copy of each value, rxjobs and io-ts the value itself; rxjobs accepts any string as source, as zod does here, io-ts the two known ones.',
    'The time to parse is not in the time to check: a whole read costs 1 + the ratio.',
  ],
})
