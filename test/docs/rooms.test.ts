import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, fromRoot, root } from './support/files.ts'
import { ambientUses, holdsOnlyTypes, importsOf } from './support/syntax.ts'

const library = ['src/core', 'src/streams', 'src/apis/genesys', 'src/apis/connect', 'src/testing']
const packages = /^(rxjs|rxjs\/testing|io-ts|cross-fetch|fp-ts\/lib\/\w+\.js)$/
const sources = filesIn('src').map(fromRoot)

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

  it.each(library)('%s imports only the four packages, in the form that works everywhere', (room) => {
    const foreign = importsIn(room).filter(({ target }) => !target.startsWith('./') && !packages.test(target))
    expect(shown(foreign)).toEqual([])
  })

  it.each(['examples', 'demo', 'bench', 'sandbox'])(
    '%s imports no part of this package by a path of its own',
    (room) => {
      const allowed = room === 'sandbox' ? [] : publicEntries()
      const foreign = importsIn(room).filter(({ target }) => /^rxjobs\b/.test(target) && !allowed.includes(target))
      expect(shown(foreign)).toEqual([])
    },
  )

  it.each(library)('%s waits and reads time through the scheduler only, and reads nothing of the process', (room) => {
    const found = filesIn(room).flatMap((file) => ambientUses(file).map((use) => `${fromRoot(file)}:${use}`))
    expect(found).toEqual([])
  })

  it('index files only re-export', () => {
    const doing = sources
      .filter((file) => basename(file) === 'index.ts')
      .filter((file) => {
        const code = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
        return code.replaceAll(/export (type )?(\*|\{[^}]*\}) from '[^']*'/g, '').trim() !== ''
      })
    expect(doing).toEqual([])
  })

  it('no source file is longer than 160 lines', async ({ annotate }) => {
    const lengths = sources.map(
      (file) => [file, readFileSync(join(root, file), 'utf8').split('\n').length - 1] as const,
    )
    const over = (lines: number): ReadonlyArray<string> =>
      lengths.filter(([, length]) => length > lines).map(([file, length]) => `${file}: ${length}`)
    await annotate(`over 120 lines: ${over(120).join(', ')}`)
    expect(over(160)).toEqual([])
  })

  it('every source file with code in it has a test by its name', () => {
    const untested = sources
      .filter((file) => basename(file) !== 'index.ts' && !holdsOnlyTypes(join(root, file)))
      .filter((file) => !existsSync(join(root, file.replace(/^src/, 'test').replace(/\.ts$/, '.test.ts'))))
    expect(untested).toEqual([])
  })
})
