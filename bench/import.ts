// Processor time to import the package in a new process, over importing rxjs and io-ts.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { editions } from './editions.ts'
import { median, report } from './measure.ts'

const rounds = 15
const folder = fileURLToPath(new URL('.', import.meta.url))
const base = ['rxjs', 'io-ts']
const packages = ['first-edition', 'rxjobs']
const entries = ['', '/connect', '/genesys']

/** Milliseconds of processor time that a new process spends, its own start included. */
function spent(modules: ReadonlyArray<string>): number {
  const code = `${modules.map((name) => `import '${name}'`).join('\n')}
    const { user, system } = process.cpuUsage()
    console.log((user + system) / 1000)`
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder }))
}

const differences = packages.map(() => new Array<number>())
const alone: Array<number> = []
for (let round = 0; round < rounds + 1; round++) {
  const without = spent(base)
  const over = packages.map((name) => spent([...base, ...entries.map((entry) => name + entry)]) - without)
  const nothing = spent([])
  // The first round fills the file system's cache.
  if (round === 0) continue
  for (const [at, ms] of over.entries()) differences[at]?.push(ms)
  alone.push(without - nothing)
}

report({
  title: 'Import',
  text: [
    `Processor time of a new process that imports \`rxjobs\`, \`rxjobs/connect\` and \`rxjobs/genesys\`, minus that of one that imports only rxjs and io-ts, in the same round; the median of ${rounds} rounds. cross-fetch is loaded with the first request where it is needed, and not counted.`,
  ],
  figures: [
    {
      measure: 'import over rxjs and io-ts',
      unit: 'ms',
      mark: { atMost: 15 },
      values: {
        ...Object.fromEntries(editions.map(({ name }, at) => [name, median(differences[at] ?? [])])),
        'rxjs and io-ts over nothing': median(alone),
      },
    },
  ],
})
