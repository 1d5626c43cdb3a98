import { lastValueFrom, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { batch } from '../../../src/streams/log/log-reader-setup.ts'

test('an empty batch is not emitted', async () => {
  expect(await lastValueFrom(batch([]).pipe(toArray()))).toEqual([])
  expect(await lastValueFrom(batch([1, 2]).pipe(toArray()))).toEqual([[1, 2]])
})
