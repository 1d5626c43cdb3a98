// Codecs: every plausible answer is accepted and kept as it is; an answer of something else is refused, with the place.
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import type * as t from 'io-ts'
import {
  Bundle,
  Content,
  JobItem,
  JobItems,
  JobMetrics,
  KillJobOrder,
  LogEntries,
  LogEntry,
  LoggedError,
  StartedTask,
  Task,
  Variant,
  Variants,
} from 'rxjobs/connect'
import { describe, expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, type FieldValues, near, valid } from '../codecs.ts'

const text = fc.string()
const maybe = fc.option(text)
const id = fc.oneof(fc.integer(), text)
const texts = (names: string): FieldValues => Object.fromEntries(names.split(' ').map((name) => [name, maybe]))

const tags =
  'unknown build_report build_site build_jupyter packrat_restore python_restore configure_report run_app run_api ' +
  'run_tensorflow run_python_api run_dash_app run_streamlit run_bokeh_app run_fastapi_app run_pyshiny_app render_shiny ' +
  'run_voila_app run_panel_app run_gradio_app testing git val_py_ext_pkg val_r_ext_pkg val_r_install'

const job: FieldValues = {
  ...texts('ppid pid remote_id app_id content_id content_guid variant_id variant_key bundle_id start_time end_time'),
  ...texts('last_heartbeat_time queued_time queue_name hostname cluster image run_as error skip_reason'),
  id: text,
  key: text,
  tag: fc.oneof(fc.constantFrom(...tags.split(' ')), text),
  exit_code: fc.option(fc.integer()),
  status: fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.integer()),
}
const order: FieldValues = {
  ...{ guid: text, app_id: id, app_guid: text, content_id: id, content_guid: text },
  ...{ job_id: id, job_key: text, result: text },
}
const entry: FieldValues = {
  source: fc.oneof(fc.constantFrom('stdout', 'stderr'), text),
  timestamp: fc.oneof(fc.constant('2024-12-06T19:09:29.948016766Z'), text),
  data: text,
}
const task: FieldValues = {
  id: text,
  output: fc.array(text),
  finished: fc.boolean(),
  code: fc.option(fc.integer()),
  error: maybe,
  last: fc.option(fc.nat()),
  result: fc.option(fc.record({ type: text, data: fc.jsonValue() }, { requiredKeys: [] })),
}
const content: FieldValues = {
  ...texts('id title description bundle_id created_time last_deployed_time owner_guid content_url dashboard_url'),
  guid: text,
  name: text,
  app_mode: fc.oneof(fc.constantFrom('static', 'shiny'), text),
}
const bundle: FieldValues = {
  ...texts('content_guid created_time'),
  id: text,
  active: fc.option(fc.boolean()),
  size: fc.option(fc.nat()),
}
const variant: FieldValues = {
  ...{ id, app_id: id, key: text, bundle_id: fc.option(id), is_default: fc.boolean(), name: text },
}

type Row = readonly [codec: t.Mixed, fields: FieldValues, required: ReadonlyArray<string>, minimal: object]
const rows: ReadonlyArray<Row> = [
  [JobItem, job, ['key'], { key: 'k' }],
  [KillJobOrder, order, ['job_key'], { job_key: 'k' }],
  [LoggedError, { ...texts('summary help_url'), code: fc.oneof(fc.constant('no-memory'), maybe) }, [], {}],
  [LogEntry, entry, ['source', 'timestamp', 'data'], { source: 'stdout', timestamp: '', data: '' }],
  [Content, content, ['guid'], { guid: 'g' }],
  [Bundle, bundle, ['id'], { id: '7' }],
  [Variant, variant, ['id'], { id: 7 }],
  [Task, task, ['id', 'output', 'finished'], { id: 't', output: [], finished: false }],
  [StartedTask, { task_id: text }, ['task_id'], { task_id: 't' }],
]

describe.each(rows.map((row) => [row[0].name, ...row] as const))('%s', (_, codec, fields, required, minimal) => {
  test('the guard accepts what the codec decodes', () => expectAgreement(codec, near(fields)))

  test('documented and unknown fields are kept; optional ones may be absent', () =>
    expectKept(codec, valid(fields, required)))

  test('a field of a wrong type is refused with its name', () => {
    const { output: _, ...others } = fields
    expectTyped(codec, others, minimal)
    for (const other of [null, 7, 'text', []]) expect(decoded(codec, other)).toEqual({ refused: [''] })
  })
})

describe('lists', () => {
  const lists: ReadonlyArray<readonly [codec: t.Mixed, element: fc.Arbitrary<object>]> = [
    [JobItems, valid(job, ['key'])],
    [Variants, valid(variant, ['id'])],
  ]

  test.each(lists)('%# are kept; null is an empty one', (codec, element) => {
    expectAgreement(codec, fc.oneof(fc.array(fc.oneof(element, fc.jsonValue()), { maxLength: 3 }), fc.jsonValue()))
    expectKept(codec, fc.array(element))
    expect(decoded(codec, null)).toEqual([])
    expect(decoded(codec, undefined)).toEqual({ refused: [''] })
    expect(decoded(codec, {})).toEqual({ refused: [''] })
  })

  test('an element that does not fit is refused with its index', () => {
    expect(decoded(JobItems, [{ key: 'k' }, {}])).toEqual({ refused: ['[1].key'] })
    expect(decoded(JobItems, [{ status: 0 }, { status: '0', exit_code: '3', tag: 7 }])).toEqual({
      refused: expect.arrayContaining(['[1].tag', '[1].exit_code', '[1].status']) as unknown,
    })
    expect(decoded(Variants, [{ name: 'default' }])).toEqual({ refused: ['[0].id'] })
  })
})

describe('what must be there', () => {
  test('a job has a key, an id or a status', () => {
    for (const name of ['key', 'id', 'status']) expectKept(JobItem, valid(job, [name]))
    for (const other of [{}, { surprise: true }, { exit_code: 0, tag: 'run_app' }, { key: null, status: null }]) {
      expect([JobItem.is(other), decoded(JobItem, other)]).toEqual([false, { refused: ['key'] }])
    }
  })

  test('a receipt for a kill has one of its fields', () => {
    for (const name of Object.keys(order)) expectKept(KillJobOrder, valid(order, [name]))
    for (const other of [{}, { ok: true }, { guid: null, job_key: null }]) {
      expect([KillJobOrder.is(other), decoded(KillJobOrder, other)]).toEqual([false, { refused: ['job_key'] }])
    }
  })

  test('the others have their ids', () => {
    expect(decoded(Content, { name: 'n' })).toEqual({ refused: ['guid'] })
    expect(decoded(Bundle, {})).toEqual({ refused: ['id'] })
    expect(decoded(Task, {})).toEqual({ refused: ['id', 'output', 'finished'] })
    expect(decoded(StartedTask, {})).toEqual({ refused: ['task_id'] })
  })
})

describe('null', () => {
  test('any field of a job may be null', () => {
    const nulls = { ...Object.fromEntries(Object.keys(job).map((name) => [name, null])), id: '7' }
    expect(decoded(JobItem, nulls)).toMatchObject({ end_time: null, exit_code: null, error: null, pid: null })
    expect(decoded(JobItem, nulls)).not.toHaveProperty('key')
    expect(decoded(JobItem, nulls)).not.toHaveProperty('status')
  })

  test('a receipt without ids', () => {
    expect(decoded(KillJobOrder, { guid: null, app_id: null, result: 'r' })).toEqual({ result: 'r' })
  })

  test('a task without output has none', () => {
    const empty = { id: 't', output: [], finished: false }
    expect(decoded(Task, { ...empty, output: null })).toEqual(empty)
    expect(decoded(Task, { ...empty, output: ['a', 5] })).toEqual({ refused: ['output[1]'] })
  })
})

describe('metrics', () => {
  const measures = ['cpu_fraction', 'memory_bytes', 'connections']
  const sample: FieldValues = {
    ...Object.fromEntries(measures.map((name) => [name, fc.option(fc.double({ noNaN: true, min: 0 }))])),
    timestamp: maybe,
    process_id: fc.option(id),
  }
  const metrics: FieldValues = { ...texts('content_guid job_key'), samples: fc.array(valid(sample)) }

  test('any field of a sample may be absent or null; null instead of the samples is none', () => {
    const nearly = { ...metrics, samples: fc.array(near(sample), { maxLength: 3 }) }
    expectAgreement(JobMetrics, near(nearly))
    expectKept(JobMetrics, valid(metrics, ['samples']))
    expect(decoded(JobMetrics, { samples: null })).toEqual({ samples: [] })
  })

  test('what is no number is refused at its place', () => {
    for (const name of measures) {
      expect(decoded(JobMetrics, { samples: [{}, { [name]: '7' }] })).toEqual({ refused: [`samples[1].${name}`] })
    }
    expect(decoded(JobMetrics, { content_guid: 'g' })).toEqual({ refused: ['samples'] })
  })
})

describe('log entries', () => {
  const names = Object.keys(entry)
  const line = { source: 'stderr', timestamp: '2024-12-06T19:09:29.948016766Z', data: '' }

  test('a field that is absent or null is empty; without text and source it is no line', () => {
    fc.assert(
      fc.property(valid(entry), fc.subarray(names), (some, gone) => {
        const nulls = { ...some, ...Object.fromEntries(gone.map((name) => [name, null])) }
        const rest = Object.fromEntries(Object.entries(nulls).filter(([name]) => !gone.includes(name)))
        const isLine = 'data' in rest || 'source' in rest
        expect(decoded(LogEntry, nulls)).toEqual(
          isLine ? { source: '', timestamp: '', data: '', ...rest } : { refused: ['data'] },
        )
      }),
    )
    expect(decoded(LogEntry, { source: 'stdout', data: 'x' })).toEqual({ source: 'stdout', timestamp: '', data: 'x' })
  })

  test('a part of a log; null is an empty one', () => {
    expectAgreement(LogEntries, near({ entries: fc.array(near(entry), { maxLength: 3 }) }))
    expectKept(LogEntries, valid({ entries: fc.array(valid(entry, names)) }, ['entries']))
    for (const entries of [[], null]) expect(decoded(LogEntries, { entries })).toEqual({ entries: [] })
    expect(decoded(LogEntries, { entries: [line, { ...line, data: 7 }, line, { surprise: true }] })).toEqual({
      refused: ['entries[1].data', 'entries[3].data'],
    })
    expect(decoded(LogEntries, { surprise: true })).toEqual({ refused: ['entries'] })
    expect(decoded(LogEntries, [line])).toEqual({ refused: [''] })
  })
})

const recorded = (name: string): URL => new URL(`../../../../shared/contract/connect/recorded/${name}`, import.meta.url)
const readJson = (name: string): unknown => JSON.parse(readFileSync(recorded(name), 'utf8'))

test.runIf(existsSync(recorded('')))('recorded answers of real servers need no repair', () => {
  const answers: ReadonlyArray<readonly [codec: t.Mixed, name: string]> = [
    [JobItem, 'sdkpy.job.json'],
    [JobItems, 'sdkpy.jobs.json'],
    [LogEntries, 'connectapi.2024.08.job-log.json'],
    [Variants, 'sdkpy.variants.json'],
    [Task, 'sdkpy.task.failed.json'],
    [Task, 'publisher-mock.task-failed.json'],
    [Task, 'publisher-mock.task-finished.json'],
    [StartedTask, 'publisher-mock.deploy.json'],
    [Content, 'publisher-mock.content-create.json'],
    [Bundle, 'publisher-mock.bundle-upload.json'],
  ]
  for (const [codec, name] of answers) {
    const answer = readJson(name)
    expect([codec.is(answer), decoded(codec, answer)]).toEqual([true, answer])
  }
  const { id, ...rendered } = readJson('sdkpy.variant-render.json') as { readonly id: string }
  expect(decoded(StartedTask, { id, ...rendered })).toEqual({ task_id: id, id, ...rendered })
})

test.each([
  [{ task_id: 't' }, { task_id: 't' }],
  [
    { id: 't', finished: false },
    { task_id: 't', id: 't', finished: false },
  ],
  [
    { task_id: 't', id: 'u' },
    { task_id: 't', id: 'u' },
  ],
  [{ id: 7 }, { refused: ['task_id'] }],
  [{ task_id: null, id: 't' }, { refused: ['task_id'] }],
  [{ ok: true }, { refused: ['task_id'] }],
])('the answer %j that starts a task is read as %j', (answer, task) => {
  expect(decoded(StartedTask, answer)).toEqual(task)
})
