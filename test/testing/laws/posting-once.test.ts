import { concat, repeat } from 'rxjs'
import { watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

test('a stream that posts twice breaks it, and nothing else', async () => {
  const { broken } = await ofStream(
    ({ source }, ref, options) => {
      const cancel = source.cancel?.(ref) ?? []
      return concat(cancel, cancel, watchJob(source, ref, options))
    },
    { cancelled: '1s x 1m f' },
  )
  expect(broken).toEqual({ 'law 6': 'one subscription sent 2 POSTs' })
})

test('a source whose cancel is sent again breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source: { cancel, ...source } }) => ({
    ...source,
    ...(cancel === undefined ? {} : { cancel: (ref: string) => cancel(ref).pipe(repeat(3)) }),
  }))
  expect(broken).toEqual({ 'law 6': 'one `cancel` sent 3 POSTs' })
})
