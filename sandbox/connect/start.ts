import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../process/run.ts'
import type { Connect } from './connect.ts'
import type { Content } from './contents.ts'
import type { LoggedError } from './failure.ts'
import type { Job } from './job.ts'
import type { LogEntry } from './log.ts'
import { runJob } from './run-job.ts'

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

export async function startJob(connect: Connect, job: JobScript): Promise<JobRef> {
  const cwd = await connect.workplace.newDirectory()
  let command: Omit<Command, 'env'>
  if ('script' in job) {
    await writeFile(join(cwd, 'script.mjs'), job.script)
    command = { cwd, file: process.execPath, args: ['script.mjs'] }
  } else {
    const [file, ...args] = job.command
    command = { cwd, file, args }
  }
  const work = { tag: job.tag ?? 'build_report', bundleId: 0, command }
  return refOf(runJob(connect, contentFor(connect, job.guid), work))
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
