import { expect, test } from 'vitest'
import { LawBroken, LawSkipped } from 'rxjobs/testing'
import { hold, judge } from '../../src/testing/law.ts'

test('what does not hold is broken, what cannot be judged is skipped, each with its words', () => {
  expect(() => hold(false, () => 'seen twice')).toThrow(new LawBroken('seen twice'))
  expect(() => judge(false, 'no lines')).toThrow(new LawSkipped('no lines'))
  hold(true, () => expect.unreachable('the words are made only when they are needed'))
  judge(true, 'there is something to judge')
})

test('a broken law and a skipped one are told apart by tag and by class', () => {
  expect([new LawBroken('a')._tag, new LawSkipped('a')._tag]).toEqual(['LawBroken', 'LawSkipped'])
  expect(new LawSkipped('a')).not.toBeInstanceOf(LawBroken)
})
