import { describe, expect, it } from 'vitest'
import { type Exported, surface } from './support/surface.ts'

const all = surface('src/index.ts', 'src/apis/genesys/index.ts', 'src/apis/connect/index.ts')
const values = all.filter(({ kind }) => kind !== 'type')
const names = (some: ReadonlyArray<Exported>): ReadonlyArray<string> => some.map(({ name }) => name).sort()

describe('the public surface', () => {
  it('is seen', () => expect(names(values)).toContain('watchJob (src/streams/watch-job.ts)'))

  it('has a docstring on every value', () => expect(names(values.filter(({ documented }) => !documented))).toEqual([]))

  it('has a docstring on every type', () => {
    expect(names(all.filter(({ kind, documented }) => kind === 'type' && !documented))).toEqual([])
  })

  it('shows an example of every function', () => {
    expect(names(values.filter(({ kind, hasExample }) => kind === 'function' && !hasExample))).toEqual([])
  })
})
