import fc from 'fast-check'
import { JobItem, JobItems } from 'rxjobs/connect'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const tags =
  'unknown build_report build_site build_jupyter packrat_restore python_restore configure_report run_app run_api ' +
  'run_tensorflow run_python_api run_dash_app run_streamlit run_bokeh_app run_fastapi_app run_pyshiny_app render_shiny ' +
  'run_voila_app testing git val_py_ext_pkg val_r_ext_pkg val_r_install'
const text = fc.string()
const maybe = fc.option(text)
const fields = {
  id: text,
  ppid: maybe,
  pid: text,
  key: text,
  remote_id: maybe,
  app_id: text,
  content_id: text,
  content_guid: text,
  variant_id: text,
  bundle_id: text,
  start_time: text,
  end_time: maybe,
  last_heartbeat_time: text,
  queued_time: maybe,
  queue_name: maybe,
  tag: fc.oneof(fc.constantFrom(...tags.split(' ')), text),
  exit_code: fc.option(fc.integer()),
  status: fc.oneof(fc.constantFrom(0, 1, 2), fc.integer()),
  hostname: text,
  cluster: maybe,
  image: maybe,
  run_as: text,
}

test('guard and codec take the same jobs', () => {
  expectAgreement(JobItem, near(fields))
  expectAgreement(JobItems, fc.array(near(fields), { maxLength: 3 }))
})

test('every documented field is kept, null where it may be, and those that no document knows; any may be absent', () => {
  for (const name of ['key', 'id', 'status']) expectKept(JobItem, valid(fields, [name]))
  expectKept(JobItems, fc.array(valid(fields, ['key'])))
})

test('what has no key, no id and no status is no job', () => {
  for (const other of [
    {},
    { surprise: true },
    { exit_code: 0, tag: 'run_app' },
    { key: null, id: null, status: null },
  ]) {
    expect([JobItem.is(other), decoded(JobItem, other)]).toEqual([false, { refused: ['key'] }])
  }
  expect(decoded(JobItems, [{ key: 'k' }, {}])).toEqual({ refused: ['[1].key'] })
})

test('a null where no document says one is no reason to refuse a job', () => {
  const nulls = { ...Object.fromEntries(Object.keys(fields).map((name) => [name, null])), id: '7' }
  expect(decoded(JobItem, nulls)).toMatchObject({ end_time: null, exit_code: null, queue_name: null })
  expect(decoded(JobItem, nulls)).not.toHaveProperty('key')
  expect(decoded(JobItem, nulls)).not.toHaveProperty('status')
})

test('no jobs are an empty list, whichever way that is written', () => {
  expect([decoded(JobItems, []), decoded(JobItems, null)]).toEqual([[], []])
})

test('what does not fit is said with its place', () => {
  expectTyped(JobItem, fields)
  expect(decoded(JobItems, [{ status: 0 }, { status: '0', exit_code: '3', tag: 7 }])).toEqual({
    refused: ['[1].tag', '[1].exit_code', '[1].status'],
  })
  expect(decoded(JobItems, { status: 0 })).toEqual({ refused: [''] })
})

const recorded = (name: string): URL => new URL(`../../../../shared/contract/connect/recorded/${name}`, import.meta.url)

test.runIf(existsSync(recorded('')))('the answers of the vendor’s own examples need no repair', () => {
  const job: unknown = JSON.parse(readFileSync(recorded('sdkpy.job.json'), 'utf8'))
  const jobs: unknown = JSON.parse(readFileSync(recorded('sdkpy.jobs.json'), 'utf8'))
  expect([JobItem.is(job), decoded(JobItem, job)]).toEqual([true, job])
  expect([JobItems.is(jobs), decoded(JobItems, jobs)]).toEqual([true, jobs])
  expect(jobs).not.toEqual([])
})
