import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Editor, openEditor } from './support/editor.ts'

// A language service reads every type that a program touches.
vi.setConfig({ testTimeout: 120_000 })

let editor: Editor
beforeAll(() => {
  editor = openEditor()
})
afterAll(() => editor.close())

const offered = (program: string): ReadonlyArray<string> => editor.offered(program)

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

test('an editor offers the nine statuses, although any string compiles', () => {
  const program = (bar: string): string => `
    import type { InfrastructureascodeJob } from 'rxjobs/genesys'
    declare const job: InfrastructureascodeJob
    export const over: boolean = job.status === '${bar}'`
  expect(offered(program('|'))).toEqual(statuses)
})

test('an editor offers the tags of a job and the values of a filter', () => {
  const tags = offered(`
    import type { JobItem } from 'rxjobs/connect'
    declare const job: JobItem
    export const app: boolean = job.tag === '|'`)
  expect([tags.length, tags]).toEqual([
    25,
    expect.arrayContaining(['build_report', 'run_app', 'run_gradio_app', 'val_r_install']),
  ])
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
