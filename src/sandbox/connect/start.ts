import { randomUUID } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../process/run.ts'
import type { Connect } from './connect.ts'
import type { Content } from './contents.ts'
import type { LoggedError } from './failure.ts'
import type { Job } from './job.ts'
import type { LogEntry } from './log.ts'

/** A job to start at once, without a bundle or a deploy. */
export type JobScript = {
  /** Content to run it on; what does not exist is made. Default: new content. */
  readonly guid?: string
  /** Default 'build_report'. */
  readonly tag?: string
} & (
  | {
      /** Source text of an ES module that node runs. */
      readonly script: string
    }
  | {
      /** A file to run and its arguments. */
      readonly command: readonly [string, ...string[]]
    }
)

/** Names one job. */
export interface JobRef {
  readonly guid: string
  readonly key: string
}

/** A line to feed; its timestamp defaults to now. */
export interface FeedEntry {
  readonly source: 'stdout' | 'stderr'
  readonly timestamp?: string
  readonly data: string
}

/** A job without a process, whose log a test writes itself. */
export interface FedJob extends JobRef {
  /** Appends to the log, in that order; throws when the job is over. */
  write(entries: ReadonlyArray<FeedEntry>): void
  /** Ends it: default code 0; null leaves exit code and end time unknown for good. A kill ends it with 143. */
  finish(exitCode?: number | null, error?: LoggedError): void
}

/** Runs the command as a job of that content; its output becomes the job's log. */
export function runJob(connect: Connect, content: Content, tag: string, command: Omit<Command, 'env'>): Job {
  const { active, id, guid } = content
  const document = !tag.startsWith('run_')
  const job = connect.jobs.create({
    guid,
    contentId: id,
    variantId: document ? variantIdOf(content) : 0,
    bundleId: active?.id ?? 0,
    tag,
  })
  const env = { CONNECT_CONTENT_GUID: guid, CONNECT_CONTENT_JOB_KEY: job.origin.key }
  job.attach(
    connect.workplace.run(
      { ...command, env },
      {
        line: (source, data) => job.write([{ source, timestamp: connect.clock.stamp(), data }]),
        end: (exitCode) => job.end(exitCode),
      },
    ),
  )
  return job
}

/** Content has one variant, and apps run without. */
export function variantIdOf(content: Content): number {
  return 1000 + content.id
}

export async function startJob(connect: Connect, job: JobScript): Promise<JobRef> {
  const cwd = await mkdtemp(join(connect.workplace.root, 'script-'))
  let command: Omit<Command, 'env'>
  if ('script' in job) {
    await writeFile(join(cwd, 'script.mjs'), job.script)
    command = { cwd, file: process.execPath, args: ['script.mjs'] }
  } else {
    const [file, ...args] = job.command
    command = { cwd, file, args }
  }
  return refOf(runJob(connect, contentFor(connect, job.guid), job.tag ?? 'build_report', command))
}

export function feedJob(connect: Connect, { guid, tag = 'build_report' }: { guid?: string; tag?: string }): FedJob {
  const content = contentFor(connect, guid)
  const job = connect.jobs.create({ guid: content.guid, contentId: content.id, variantId: 0, bundleId: 0, tag })
  job.attach({ pid: 0, kill: () => job.end(143) })
  return {
    ...refOf(job),
    write(entries) {
      if (job.status !== 0) throw new Error('The job is over: nothing can be written to its log.')
      job.write(entries.map((entry): LogEntry => ({ timestamp: connect.clock.stamp(), ...entry })))
    },
    finish: (exitCode = 0, error) => job.end(exitCode, error),
  }
}

function contentFor(connect: Connect, guid: string = randomUUID()): Content {
  const fields = { guid, name: `started-${randomUUID()}`, title: 'Started by hand' }
  return connect.contents.find(guid) ?? connect.contents.create(fields, connect.clock.stamp())
}

function refOf(job: Job): JobRef {
  return { guid: job.origin.guid, key: job.origin.key }
}
