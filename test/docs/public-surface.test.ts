import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './support/files.ts'
import { type Exported, surface } from './support/surface.ts'

const all = surface(
  'src/index.ts',
  'src/core.ts',
  'src/apis/genesys/index.ts',
  'src/apis/connect/index.ts',
  'src/testing/index.ts',
)
const ofRoot = surface('src/index.ts')
const values = all.filter(({ kind }) => kind !== 'type')
const names = (some: ReadonlyArray<Exported>): ReadonlyArray<string> => some.map(({ name }) => name).sort()

// The parts of an Endpoint are shown at work there, each guard of an error class at HttpError.
const shownElsewhere = /^is\w+Error |\(src\/core\/(codec|endpoint|body-decoder)\.ts\)$/

describe('the public surface', () => {
  it('is seen', () => expect(names(values)).toContain('watchJob (src/streams/job-streams.ts)'))

  it('has at most 64 names in rxjobs itself', () => expect(ofRoot.length).toBeLessThanOrEqual(64))

  it('is listed in docs/getting-started.md, as far as it is values of rxjobs itself', () => {
    const page = readFileSync(join(root, 'docs/getting-started.md'), 'utf8')
    const exported = ofRoot.filter(({ kind }) => kind !== 'type')
    expect(names(exported).filter((name) => !page.includes(`\`${name.replace(/ .*/, '')}\``))).toEqual([])
  })

  it('has a docstring on every value', () => expect(names(values.filter(({ documented }) => !documented))).toEqual([]))

  it('has a docstring on every type', () => {
    expect(names(all.filter(({ kind, documented }) => kind === 'type' && !documented))).toEqual([])
  })

  it('shows an example of every function', () => {
    const functions = values.filter(({ kind, name }) => kind === 'function' && !shownElsewhere.test(name))
    expect(names(functions.filter(({ hasExample }) => !hasExample))).toEqual([])
  })
})
