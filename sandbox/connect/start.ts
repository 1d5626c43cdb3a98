import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../process/process.ts'
import type { Connect } from './connect.ts'
import type { Content } from './contents.ts'
import type { Job, JobOrigin, LoggedError } from './job.ts'
import type { LogEntry } from './log.ts'

/** A job to start at once, without a bundle or a deploy. */
export type JobScript = {
  /** Content to run it on; it is created where it does not exist. Default: new content. */
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

/** A line to write. */
export interface FeedEntry {
  readonly source: 'stdout' | 'stderr'
  /** Default now; null as a server sends it that does not have the time. */
  readonly timestamp?: string | null
  readonly data: string
}

/** A job without a process, whose log the caller writes. */
export interface FedJob extends JobRef {
  /** Appends to the log. Throws when the job is over. */
  write(entries: ReadonlyArray<FeedEntry>): void
  /** Begins the log anew: what was written until now is gone from the log and the download. Open tails go on. */
  rotate(): void
  /** Ends it; default exit code 0. With null exit code and end time stay unknown. A kill ends it with 143. */
  finish(exitCode?: number | null, error?: LoggedError): void
  /** Ends it by an unexpected error of the server: the job's `error` is that text, its exit code stays unknown. */
  crash(error: string): void
  /** Ends it without a run, with status 3: `skip_reason` is that text. Throws when it has a log or is over. */
  skip(reason: string): void
}

export async function startJob(connect: Connect, job: JobScript): Promise<JobRef> {
  const cwd = await connect.workplace.inNewDirectory(async (directory) => {
    if ('script' in job) await writeFile(join(directory, 'script.mjs'), job.script)
    return directory
  })
  const [file, ...args] = 'script' in job ? [process.execPath, 'script.mjs'] : job.command
  const command = { cwd, file, args }
  const work = { tag: job.tag ?? 'build_report', bundleId: 0, command }
  return refOf(runJob(connect, contentFor(connect, job.guid), work))
}

export function feedJob(connect: Connect, { guid, tag = 'build_report' }: { guid?: string; tag?: string }): FedJob {
  const content = contentFor(connect, guid)
  const job = connect.jobs.create({ ...originOf(content, tag), bundleId: 0 })
  job.attach({ pid: 0, kill: () => job.end(143) })
  return {
    ...refOf(job),
    write(entries) {
      if (job.status !== 0) throw new Error('The job is over: nothing can be written to its log.')
      job.write(entries.map((entry): LogEntry => ({ timestamp: connect.stamp(), ...entry })))
    },
    rotate: () => job.log.rotate(),
    finish: (exitCode = 0, error) => job.end(exitCode, error),
    crash: (error) => job.crash(error),
    skip: (reason) => job.skip(reason),
  }
}

function contentFor(connect: Connect, guid: string = randomUUID()): Content {
  const fields = { guid, name: `started-${randomUUID()}`, title: 'Started by hand' }
  return connect.contents.find(guid) ?? connect.contents.create(fields, connect.clock.stamp())
}

function refOf(job: Job): JobRef {
  return { guid: job.origin.guid, key: job.origin.key }
}

/** A command to run as a job. */
export interface Work {
  readonly tag: string
  /** 0 without a bundle. */
  readonly bundleId: number
  readonly command: Omit<Command, 'env'>
}

/** Runs a command as a job of that content; its output becomes the job's log. */
export function runJob(connect: Connect, content: Content, { tag, bundleId, command }: Work): Job {
  const job = connect.jobs.create({ ...originOf(content, tag), bundleId })
  if (connect.settings.taskOutput === 'recorded') {
    job.write(keyLines(job).map((data) => ({ source: 'stderr', timestamp: connect.stamp(), data })))
  }
  const own = { CONNECT_CONTENT_GUID: content.guid, CONNECT_CONTENT_JOB_KEY: job.origin.key }
  const env = { ...Object.fromEntries(content.environment), ...own }
  job.attach(
    connect.workplace.run(
      { ...command, env },
      {
        lines: (source, lines) => job.write(lines.map((data) => ({ source, timestamp: connect.stamp(), data }))),
        end: (exitCode) => job.end(exitCode),
      },
    ),
  )
  return job
}

/** The lines by which a server names a job in its log and in the output of its task. */
function keyLines({ origin: { guid, contentId, bundleId, variantId, key } }: Job): ReadonlyArray<string> {
  const fields = [
    `Content GUID: ${guid}`,
    `Content ID: ${contentId}`,
    `Bundle ID: ${bundleId}`,
    `Variant ID: ${variantId}`,
    `Job Key: ${key}`,
  ]
  return fields.map((field) => `[rsc-session] ${field}`)
}

/** Jobs of documents are of its variant, those of apps are of none. */
function originOf(content: Content, tag: string): Omit<JobOrigin, 'id' | 'key' | 'bundleId'> {
  const { id: contentId, guid, variantKey } = content
  if (tag.startsWith('run_')) return { guid, contentId, variantId: 0, variantKey: '', tag }
  return { guid, contentId, variantId: variantIdOf(content), variantKey, tag }
}

/** The id of a document's one variant. */
export function variantIdOf(content: Pick<Content, 'id'>): number {
  return 1000 + content.id
}
