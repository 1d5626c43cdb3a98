import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, fromRoot, root } from './support/files.ts'
import { ambientUses, importCycles, importsOf, longFunctions } from './support/syntax.ts'

const library = ['src/core', 'src/streams', 'src/apis/genesys', 'src/apis/connect', 'src/testing']
const packages = /^(rxjs|rxjs\/testing|io-ts|cross-fetch|fp-ts\/lib\/\w+\.js)$/
const sources = [...filesIn('src'), ...filesIn('sandbox')]

/** Which rooms a room may import from. */
const mayImport: ReadonlyArray<readonly [room: string, rooms: ReadonlyArray<string>]> = [
  ['src/core', ['src/core']],
  ['src/streams', ['src/streams', 'src/core']],
  ['src/apis/genesys', ['src/apis/genesys', 'src/streams', 'src/core']],
  ['src/apis/connect', ['src/apis/connect', 'src/streams', 'src/core']],
  ['src/testing', ['src/testing', 'src/streams', 'src/core']],
  ['sandbox', ['sandbox']],
  ['examples', ['examples']],
  ['demo', ['demo']],
  ['bench', ['bench']],
]

/** Folders of which other folders see only the index. */
const closedRooms = [...library, 'src/streams/log', 'src/streams/pool', 'sandbox']

interface Import {
  readonly file: string
  readonly target: string
}

/** What the files of a room import: relative ones as paths from the repository's root, packages by name. */
const importsIn = (room: string): ReadonlyArray<Import> =>
  filesIn(room).flatMap((file) =>
    importsOf(file).map((name) => ({
      file: fromRoot(file),
      target: name.startsWith('.') ? `./${fromRoot(join(dirname(file), name))}` : name,
    })),
  )

const shown = (some: ReadonlyArray<Import>): ReadonlyArray<string> =>
  some.map(({ file, target }) => `${file} imports ${target}`)

function publicEntries(): ReadonlyArray<string> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> }
  return Object.keys(manifest.exports).map((entry) => entry.replace(/^\./, 'rxjobs'))
}

describe('the rooms', () => {
  it.each(mayImport)('%s imports only from %j', (room, rooms) => {
    const foreign = importsIn(room).filter(
      ({ target }) => target.startsWith('./') && !rooms.some((allowed) => target.startsWith(`./${allowed}/`)),
    )
    expect(shown(foreign)).toEqual([])
  })

  it.each(closedRooms)('%s is imported from outside through its index.ts only', (room) => {
    const past = [...importsIn('src'), ...importsIn('sandbox')].filter(
      ({ file, target }) =>
        !file.startsWith(`${room}/`) && target.startsWith(`./${room}/`) && target !== `./${room}/index.ts`,
    )
    expect(shown(past)).toEqual([])
  })

  it('no files import each other in a circle, neither values nor types', () => {
    expect(importCycles(sources).map((files) => files.map(fromRoot))).toEqual([])
  })

  it.each(library)('%s imports only the four packages, in the form that works everywhere', (room) => {
    const foreign = importsIn(room).filter(({ target }) => !target.startsWith('./') && !packages.test(target))
    expect(shown(foreign)).toEqual([])
  })

  it.each(['examples', 'demo', 'bench'])('%s imports this package by its public entries only', (room) => {
    const foreign = importsIn(room).filter(
      ({ target }) => /^rxjobs\b/.test(target) && !publicEntries().includes(target),
    )
    expect(shown(foreign)).toEqual([])
  })

  it('sandbox does not import this package', () => {
    expect(shown(importsIn('sandbox').filter(({ target }) => /^rxjobs\b/.test(target)))).toEqual([])
  })

  it.each(library)('%s waits and reads time through the scheduler only, and reads nothing of the process', (room) => {
    const found = filesIn(room).flatMap((file) => ambientUses(file).map((use) => `${fromRoot(file)}:${use}`))
    expect(found).toEqual([])
  })

  it('index files only re-export', () => {
    const doing = sources
      .filter((file) => basename(file) === 'index.ts')
      .filter((file) => {
        const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
        return code.replaceAll(/export (type )?(\*|\{[^}]*\}) from '[^']*'/g, '').trim() !== ''
      })
    expect(doing.map(fromRoot)).toEqual([])
  })

  it('no function has more than 60 lines of code', () => {
    expect(sources.flatMap((file) => longFunctions(file, 60).map((one) => `${fromRoot(file)}:${one}`))).toEqual([])
  })
})
