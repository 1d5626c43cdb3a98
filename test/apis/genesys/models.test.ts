import fc from 'fast-check'
import { AcceleratorList, AcceleratorMetadata, AcceleratorSpecification, InfrastructureascodeJob } from 'rxjobs/genesys'
import { describe, expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const text = fc.string()
const texts = fc.array(text, { maxLength: 2 })
const some = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> => valid(fields)

describe('a job', () => {
  const documented = [
    'Created',
    'Queued',
    'Running',
    'Complete',
    'InternalError',
    'Incomplete',
    'Failed',
    'RollbackFailed',
    'RollbackComplete',
  ]
  const fields = {
    id: text,
    dryRun: fc.boolean(),
    acceleratorId: text,
    dateSubmitted: text,
    submittedBy: some({ id: text, selfUri: text }),
    status: fc.oneof(fc.constantFrom(...documented), text),
    errorInfo: some({ message: text, code: text }),
    results: text,
    rollbackResults: text,
    selfUri: text,
  }

  test('guard and codec accept the same values', () => expectAgreement(InfrastructureascodeJob, near(fields)))

  test('documented and unknown fields are kept; all but dryRun may be absent', () => {
    expectKept(InfrastructureascodeJob, valid(fields, ['dryRun']))
  })

  test('null is read as absent, at any depth', () => {
    const optional = Object.keys(fields).filter((name) => name !== 'dryRun')
    const nulls = Object.fromEntries(optional.map((name) => [name, null]))
    expect(decoded(InfrastructureascodeJob, { ...nulls, dryRun: true })).toEqual({ dryRun: true })
    const within = { dryRun: true, errorInfo: { message: null, code: 'c' }, submittedBy: { id: null } }
    expect(decoded(InfrastructureascodeJob, within)).toEqual({
      dryRun: true,
      errorInfo: { code: 'c' },
      submittedBy: {},
    })
  })

  test('an invalid job is refused with the path of each invalid field', () => {
    expectTyped(InfrastructureascodeJob, fields, { dryRun: true })
    const wrong = { dryRun: 'no', status: 7, errorInfo: { message: ['m'] }, submittedBy: 'me' }
    const { refused } = decoded(InfrastructureascodeJob, wrong) as { refused: ReadonlyArray<string> }
    expect([...refused].sort()).toEqual(['dryRun', 'errorInfo.message', 'status', 'submittedBy'])
    expect(decoded(InfrastructureascodeJob, {})).toEqual({ refused: ['dryRun'] })
    for (const other of [null, [], 'job', 7]) {
      expect(decoded(InfrastructureascodeJob, other)).toEqual({ refused: [''] })
    }
  })
})

describe('an accelerator and a page of them', () => {
  const fields = {
    id: text,
    name: text,
    description: text,
    origin: text,
    type: text,
    classification: text,
    tags: fc.array(text),
    selfUri: text,
  }
  const page = {
    entities: fc.array(valid(fields, ['id']), { maxLength: 3 }),
    pageSize: fc.integer(),
    pageNumber: fc.integer(),
    pageCount: fc.integer(),
    total: fc.integer(),
    firstUri: text,
    previousUri: text,
    selfUri: text,
    nextUri: text,
    lastUri: text,
  }

  test('guard and codec accept the same values', () => {
    expectAgreement(AcceleratorMetadata, near(fields))
    expectAgreement(AcceleratorList, near(page))
  })

  test('documented and unknown fields are kept; all but the id may be absent', () => {
    expectKept(AcceleratorMetadata, valid(fields, ['id']))
    expectKept(AcceleratorList, valid(page))
  })

  test('an invalid value is refused with its path', () => {
    const { tags, ...others } = fields
    expect(tags).toBeDefined()
    expectTyped(AcceleratorMetadata, others, { id: 'a' })
    expect(decoded(AcceleratorMetadata, { tags: [7] })).toEqual({ refused: ['id', 'tags[0]'] })
    const { entities, ...numbers } = page
    expect(entities).toBeDefined()
    expectTyped(AcceleratorList, numbers)
    expect(decoded(AcceleratorList, { entities: [{ id: 'a' }, {}] })).toEqual({ refused: ['entities[1].id'] })
    expect(decoded(AcceleratorList, [])).toEqual({ refused: [''] })
  })
})

describe('a specification', () => {
  const property = some({
    type: text,
    displayname: text,
    description: text,
    sensitive: text,
    help: text,
    default: text,
    enum: texts,
  })
  const name = fc.stringMatching(/^[a-z]{1,6}$/)
  const schema = some({
    title: text,
    description: text,
    type: text,
    properties: fc.array(fc.dictionary(name, property, { maxKeys: 2 }), { maxLength: 2 }),
    required: texts,
  })
  const fields = {
    id: text,
    name: text,
    tags: texts,
    permissions: texts,
    products: texts,
    documentation: fc.array(some({ description: text, location: text }), { maxLength: 2 }),
    presentation: fc.array(some({ title: text, schema }), { maxLength: 2 }),
    results: some({ entities: fc.array(some({ type: text, description: text, visibility: text }), { maxLength: 2 }) }),
  }

  test('guard and codec accept the same values', () => expectAgreement(AcceleratorSpecification, near(fields)))

  test('all fields are kept', () => expectKept(AcceleratorSpecification, valid(fields, ['id'])))

  test('an invalid value is refused with its path, at any depth', () => {
    const wrong = {
      permissions: 'all',
      presentation: [{ schema: { properties: [{ queue: { default: 7 } }], required: [true] } }],
      results: { entities: [{ visibility: 1 }] },
      documentation: [{ location: [] }],
    }
    expect(decoded(AcceleratorSpecification, wrong)).toEqual({
      refused: [
        'id',
        'permissions',
        'documentation[0].location',
        'presentation[0].schema.properties[0].queue.default',
        'presentation[0].schema.required[0]',
        'results.entities[0].visibility',
      ],
    })
  })
})
