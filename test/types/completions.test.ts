import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test, vi } from 'vitest'

// A language service reads every type that a program touches.
vi.setConfig({ testTimeout: 120_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What an editor offers at the bar in a program. */
function offered(program: string): ReadonlyArray<string> {
  const at = program.indexOf('|')
  const written = join(root, 'test/types/written.ts')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  )
  const text = (path: string): string | undefined =>
    path === written ? program.replace('|', '') : ts.sys.readFile(path)
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [written],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const found = text(path)
      return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (path) => path === written || ts.sys.fileExists(path),
    readFile: text,
    directoryExists: (path) => path === dirname(written) || ts.sys.directoryExists(path),
  })
  const entries = service.getCompletionsAtPosition(written, at, {})?.entries ?? []
  service.dispose()
  return entries.map(({ name }) => name).sort()
}

const statuses = [
  'Complete',
  'Created',
  'Failed',
  'Incomplete',
  'InternalError',
  'Queued',
  'RollbackComplete',
  'RollbackFailed',
  'Running',
]

test('an editor offers the nine statuses, although any text compiles', () => {
  const program = (bar: string): string => `
    import type { InfrastructureascodeJob } from 'rxjobs/genesys'
    declare const job: InfrastructureascodeJob
    export const over: boolean = job.status === '${bar}'`
  expect(offered(program('|'))).toEqual(statuses)
})

test('an editor offers the tags of a job and what a filter takes', () => {
  const tags = offered(`
    import type { JobItem } from 'rxjobs/connect'
    declare const job: JobItem
    export const app: boolean = job.tag === '|'`)
  expect([tags.length, tags]).toEqual([23, expect.arrayContaining(['build_report', 'run_app', 'val_r_install'])])
  const filters = offered(`
    import { accessToken, genesys } from 'rxjobs/genesys'
    genesys({ region: 'us_east_1', auth: accessToken('a') }).getInfrastructureascodeJobs({ status: '|' })`)
  expect(filters).toEqual(['Complete', 'Created', 'Failed', 'Incomplete', 'Queued', 'Running'])
})

test('an editor offers the 18 regions', () => {
  const regions = offered(`
    import { accessToken, genesys } from 'rxjobs/genesys'
    genesys({ auth: accessToken('a'), region: '|' })`)
  expect([regions.length, regions.includes('eusc_de_east_1')]).toEqual([18, true])
})
