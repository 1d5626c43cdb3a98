import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { liveScreen } from '../../../demo/screen/live-screen.ts'
import { plainScreen } from '../../../demo/screen/plain-screen.ts'
import { screenFor } from '../../../demo/screen/screen-for.ts'

const output = (properties: { isTTY?: boolean; columns?: number }) => Object.assign(new PassThrough(), properties)

test('a spinner where there is a terminal to draw it on, lines everywhere else', () => {
  expect(screenFor(output({ isTTY: true, columns: 100 }))).toBe(liveScreen)
  expect(screenFor(output({ isTTY: true, columns: 0 }))).toBe(plainScreen)
  expect(screenFor(output({}))).toBe(plainScreen)
})
