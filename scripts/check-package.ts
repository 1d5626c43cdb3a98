// Packs the package, installs it in an empty project and checks it there: npm run package.
import { classNames, contents, dependencies, lazyFetch, loading, sandboxWithout, stacks } from './package/checks.ts'
import { manifestIn, newProject, type Project } from './package/project.ts'
import { root, run, runModule, tool } from './shell.ts'
import { bareTypes, sandboxTypes } from './package/types.ts'

type Problems = ReadonlyArray<string> | Promise<ReadonlyArray<string>>

/** A command that has no problems unless it fails. */
const quiet = (command: () => unknown): ReadonlyArray<string> => {
  command()
  return []
}

/** The packages that `rxjobs/sandbox` leaves to its user, and the types of Node. */
function installSandboxPackages({ install }: Project): void {
  const { peerDependencies = {} } = manifestIn(root)
  const versions = ['hono', '@hono/node-server', 'nanotar'].map((name) => `${name}@${peerDependencies[name] ?? ''}`)
  install(...versions, '@types/node@20')
}

/** The checks in their order. The first one "with its packages" installs them for those behind it. */
const checks: ReadonlyArray<readonly [name: string, check: (project: Project) => Problems]> = [
  ['the tarball holds what it should', contents],
  ['an installation brings four packages and theirs', dependencies],
  ['import and require of every entry', (project) => loading(project, /^rxjobs(?!\/sandbox)/)],
  ['classes have their names', classNames],
  ['the sandbox without its packages says so', sandboxWithout],
  ['cross-fetch is loaded only where it is needed', lazyFetch],
  ['stacks show the sources', stacks],
  ['types without lib.dom and @types/node', bareTypes],
  ['publint', ({ tarball }) => quiet(() => run(root, tool('publint'), '--strict', tarball))],
  ['attw', ({ tarball }) => quiet(() => run(root, tool('attw'), '--profile', 'esm-only', tarball))],
  ['the sandbox with its packages loads', (project) => (installSandboxPackages(project), loading(project, /sandbox/))],
  ['the sandbox with its packages compiles', sandboxTypes],
  [
    'the sandbox with its packages runs a job',
    ({ folder }) => quiet(() => runModule(folder, `import './sandbox.mjs'`)),
  ],
  ['knip', () => quiet(() => run(root, tool('knip')))],
]

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function report(name: string, problems: ReadonlyArray<string>): void {
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${name}`)
  for (const problem of problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`)
  if (problems.length > 0) process.exitCode = 1
}

async function checkAll(): Promise<void> {
  const project = newProject()
  try {
    for (const [name, check] of checks) report(name, await problemsOf(() => check(project)))
  } finally {
    project.remove()
  }
}

async function problemsOf(check: () => Problems): Promise<ReadonlyArray<string>> {
  try {
    return await check()
  } catch (error) {
    return [messageOf(error)]
  }
}

await checkAll().catch((error: unknown) => report('the package is built, packed and installed', [messageOf(error)]))
