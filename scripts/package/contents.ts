import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import ts from 'typescript'
import type { Project } from './project.ts'

const wanted = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs/tail.md',
  'dist/sandbox/index.js',
]
const allowed = /^(dist\/.+\.(js|js\.map|d\.ts|d\.ts\.map)|(src|sandbox)\/.+\.ts|docs\/[^/]+\.md|examples\/[^/]+\.ts)$/
const stray = /(^|\/)(test|tests|fixtures|__\w+__)\/|\.(test|spec|test-d|tsbuildinfo)\b/

function filesOf(folder: string): ReadonlyArray<string> {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split(sep).join('/'))
}

/** Where a relative import of a built file leads: in a declaration `./x.ts` and `./x.js` both mean `./x.d.ts`. */
const target = (file: string, name: string): string =>
  join(dirname(file), file.endsWith('.d.ts') ? name.replace(/\.(ts|js)$/, '.d.ts') : name)

/** The relative imports of built code and declarations, and the sources of their maps, that lead nowhere. */
function deadEnds(folder: string, file: string): ReadonlyArray<string> {
  const text = readFileSync(join(folder, file), 'utf8')
  const paths = file.endsWith('.map')
    ? (JSON.parse(text) as { sources: ReadonlyArray<string> }).sources.map((source) => join(dirname(file), source))
    : ts
        .preProcessFile(text, true, true)
        .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => target(file, fileName))
  return paths
    .filter((path) => !existsSync(join(folder, path)))
    .map((path) => `${file} needs ${path}, which is missing`)
}

/** Checks the tarball's files: all that must be there, nothing else, and no import that leads nowhere. */
export function contents({ installed }: Project): ReadonlyArray<string> {
  const files = filesOf(installed)
  const built = files.filter((file) => file.startsWith('dist/'))
  return [
    ...wanted.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => !wanted.includes(file) && !allowed.test(file)).map((file) => `${file} is a stray file`),
    ...files.filter((file) => stray.test(file)).map((file) => `${file} looks like a test`),
    ...built.flatMap((file) => deadEnds(installed, file)),
    ...(built.length === 0 ? ['nothing was built'] : []),
  ]
}
