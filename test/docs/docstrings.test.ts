import http from 'node:http'
import https from 'node:https'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { docstringExamples } from './support/examples.ts'
import { filesIn } from './support/files.ts'
import { type Workplace, workplace } from './support/run.ts'
import { typeCheck } from './support/type-check.ts'

const examples = ['src/core', 'src/streams', 'src/apis', 'src/testing'].flatMap((room) =>
  filesIn(room).flatMap(docstringExamples),
)
const requests = [vi.spyOn(http, 'request'), vi.spyOn(https, 'request'), vi.spyOn(globalThis, 'fetch')]

let place: Workplace
let problems: ReadonlyMap<string, ReadonlyArray<string>>
beforeAll(async () => {
  place = await workplace()
  problems = typeCheck(examples)
}, 60_000)
afterAll(async () => {
  for (const request of requests) request.mockRestore()
  await place.remove()
})

describe.each(examples)('the example at $name', ({ name, code }) => {
  it('compiles', () => expect(problems.get(name)).toEqual([]))

  it('runs, what it claims is so, and it sends no request', async () => {
    await place.run(code)
    for (const request of requests) expect(request).not.toHaveBeenCalled()
  })
})
