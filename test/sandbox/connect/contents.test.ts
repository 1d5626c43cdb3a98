import { expect, test } from 'vitest'
import { createContents } from '../../../sandbox/connect/contents.ts'

test('content is found by its guid, its id and its name', () => {
  const contents = createContents()
  const made = contents.create({ name: 'first-one', title: 'First' }, 'now')
  expect([contents.byGuid(made.guid), contents.byId(String(made.id)), contents.find(made.guid)]).toEqual([
    made,
    made,
    made,
  ])
  contents.create({ name: 'second-one', title: '', guid: 'given' }, 'now')
  expect(contents.named('first-one')).toEqual([made])
  expect(contents.named().length).toBe(2)
  expect([contents.named('none'), contents.find('none')]).toEqual([[], undefined])
})

test('names are checked, and taken once', () => {
  const contents = createContents()
  const made = contents.create({ name: 'taken', title: '' }, 'now')
  const other = contents.create({ name: 'other', title: '' }, 'now')
  for (const name of ['ab', 'with space', 'x'.repeat(65)]) {
    expect(() => contents.create({ name, title: '' }, 'now')).toThrow(expect.objectContaining({ code: 5 }))
  }
  expect(() => contents.create({ name: 'taken', title: '' }, 'now')).toThrow(expect.objectContaining({ code: 26 }))
  expect(() => contents.rename(other, 'taken')).toThrow(expect.objectContaining({ code: 26 }))
  contents.rename(made, 'taken')
  contents.rename(other, 'renamed')
  expect(contents.named('renamed')).toEqual([other])
})

test('what is not there is code 4', () => {
  const contents = createContents()
  expect(() => contents.byGuid('x')).toThrow(expect.objectContaining({ code: 4 }))
  expect(() => contents.byId('7')).toThrow(expect.objectContaining({ code: 4 }))
})
