import fc from 'fast-check'
import { AcceleratorSpecification } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, near, valid } from '../codecs.ts'

const text = fc.string()
const texts = fc.array(text, { maxLength: 2 })
const some = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> => valid(fields)
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

test('guard and codec take the same', () => expectAgreement(AcceleratorSpecification, near(fields)))

test('all of it is kept', () => expectKept(AcceleratorSpecification, valid(fields, ['id'])))

test('what does not fit says where, however deep', () => {
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
