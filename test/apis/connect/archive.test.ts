import { of } from 'rxjs'
import { expect, test } from 'vitest'
import { checkArchive, isBlob } from '../../../src/apis/connect/archive.ts'
import { refusal } from '../support.ts'

const bytes = Uint8Array.of(1)

test('bytes, a Blob, and what may be a stream of bytes', () => {
  const streams = [of(bytes), [bytes], Promise.resolve(bytes), new ReadableStream<Uint8Array>()]
  for (const archive of [bytes, Buffer.from('x'), new Blob([bytes]), ...streams]) {
    expect(() => checkArchive('deploy', archive)).not.toThrow()
  }
})

test.each([
  [undefined, 'missing'],
  ['bundle.tar.gz', 'a string'],
  [bytes.buffer, 'an object with the keys []'],
  [{ path: 'x' }, 'an object with the keys ["path"]'],
])('%o is no archive', (archive, was) => {
  expect(refusal(() => checkArchive('deploy', archive))).toBe(
    `deploy: archive must be a Uint8Array that is not empty, a Blob, or a stream of Uint8Arrays, was ${was}`,
  )
})

test('a File is a Blob, a Node stream is none', () => {
  expect([new Blob([bytes]), new File([bytes], 'a.tar.gz'), process.stdin, bytes, null].map(isBlob)).toEqual([
    ...[true, true, false, false, false],
  ])
})
