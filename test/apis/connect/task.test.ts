import fc from 'fast-check'
import { RenderTask, StartedTask, Task } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, near, valid } from '../codecs.ts'

const fields = {
  id: fc.string(),
  output: fc.array(fc.string()),
  finished: fc.boolean(),
  code: fc.option(fc.integer()),
  error: fc.option(fc.string()),
  last: fc.option(fc.nat()),
  result: fc.option(fc.record({ type: fc.string(), data: fc.jsonValue() }, { requiredKeys: [] })),
}

test('guard and codec take the same tasks', () => {
  expectAgreement(Task, near(fields))
  expectAgreement(RenderTask, near(fields))
  expectAgreement(StartedTask, near({ task_id: fc.string() }))
})

test('every field is kept, and those that no document knows', () => {
  expectKept(Task, valid(fields, ['id', 'output', 'finished']))
  expectKept(RenderTask, valid(fields, ['id']))
})

test('no output may be null, and is none', () => {
  expect(decoded(Task, { id: 't', output: null, finished: false })).toEqual({ id: 't', output: [], finished: false })
})

test('what does not fit is said with its place', () => {
  const wrong = { id: 7, output: ['a', 5], finished: 'no', code: '1', error: 3, last: '2', result: 'done' }
  const refused = ['id', 'output[1]', 'finished', 'code', 'error', 'last', 'result']
  expect(decoded(Task, wrong)).toEqual({ refused })
  expect(decoded(RenderTask, wrong)).toEqual({ refused })
  expect(decoded(Task, {})).toEqual({ refused: ['id', 'output', 'finished'] })
  expect(decoded(StartedTask, { id: 't' })).toEqual({ refused: ['task_id'] })
})
