// Changes the code in one small way after another and looks whether a test of its room notices:
//   npx tsx scripts/mutation.ts <room> [files…]
// It prints each change that no test noticed and a score for each file. Stryker is large and is installed for this alone, in a
// temporary copy of the sources. A room takes from minutes to hours; name files for less.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './shell.ts'

/** The files of a room, and the tests that must notice a change in them. */
const rooms: Readonly<Record<string, readonly [files: string, ...tests: ReadonlyArray<string>]>> = {
  core: ['src/core/*.ts', 'test/core/**/*.test.ts'],
  streams: ['src/streams/*.ts', 'test/streams/*.test.ts', 'test/streams/operators/*.test.ts'],
  pool: ['src/streams/pool/*.ts', 'test/streams/pool/**/*.test.ts', 'test/streams/polling.test.ts'],
  log: ['src/streams/log/*.ts', 'test/streams/log/**/*.test.ts', 'test/streams/tail-log.test.ts'],
}

const stryker = ['@stryker-mutator/core@9.6.1', '@stryker-mutator/vitest-runner@9.6.1']

interface Mutant {
  readonly status: string
  readonly mutatorName: string
  readonly replacement?: string
  readonly location: { readonly start: { readonly line: number } }
}

interface Result {
  readonly files: Readonly<Record<string, { readonly mutants: ReadonlyArray<Mutant> }>>
}

const [room = '', ...files] = process.argv.slice(2)
const [pattern, ...tests] = rooms[room] ?? []
if (pattern === undefined) throw new Error(`give a room: ${Object.keys(rooms).join(', ')}`)

const folder = mkdtempSync(join(tmpdir(), 'rxjobs-mutation-'))
try {
  for (const file of run(root, 'git', 'ls-files').trim().split('\n')) cpSync(join(root, file), join(folder, file))
  cpSync(join(root, 'node_modules'), join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  run(folder, 'npm', 'install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...stryker)
  writeFileSync(
    join(folder, 'vitest.mutation.ts'),
    `import base from './vitest.config.ts'
     export default { ...base, test: { ...base.test, include: ${JSON.stringify(tests)}, typecheck: { enabled: false }, coverage: { enabled: false } } }`,
  )
  const config = {
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutation.ts' },
    mutate: files.length > 0 ? files : [pattern, '!**/index.ts', '!**/types.ts'],
    // A changed text of a message is no changed behaviour.
    mutator: { excludedMutations: ['StringLiteral'] },
    ignorePatterns: ['bench', 'coverage', 'dist'],
    reporters: ['json'],
    concurrency: 2,
  }
  writeFileSync(join(folder, 'stryker.config.json'), JSON.stringify(config))
  run(folder, 'npx', 'stryker', 'run')
  const report = readFileSync(join(folder, 'reports/mutation/mutation.json'), 'utf8')
  print(JSON.parse(report) as Result)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function print({ files: found }: Result): void {
  for (const [file, { mutants }] of Object.entries(found)) {
    const counted = mutants.filter(({ status }) => status !== 'Ignored' && !status.endsWith('Error'))
    const missed = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    for (const { location, mutatorName, replacement = '' } of missed) {
      console.log(`${file}:${location.start.line}  ${mutatorName}  ${replacement.replace(/\s+/g, ' ').slice(0, 80)}`)
    }
    const noticed = counted.length - missed.length
    const score = counted.length === 0 ? 100 : (100 * noticed) / counted.length
    console.log(`${file}: ${noticed} of ${counted.length} changes noticed, ${score.toFixed(1)} %\n`)
  }
}
