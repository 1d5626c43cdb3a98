import fc from 'fast-check'
import { AcceleratorList, AcceleratorMetadata } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const text = fc.string()
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

test('guard and codec take the same', () => {
  expectAgreement(AcceleratorMetadata, near(fields))
  expectAgreement(AcceleratorList, near(page))
})

test('every documented field is kept, and those that no document knows; any but the id may be absent', () => {
  expectKept(AcceleratorMetadata, valid(fields, ['id']))
  expectKept(AcceleratorList, valid(page))
})

test('what does not fit says where', () => {
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
