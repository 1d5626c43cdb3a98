import type { Command } from '../process/run.ts'
import type { Connect } from './connect.ts'
import type { Content } from './contents.ts'
import type { Job } from './job.ts'

/** What is run as a job. */
export interface Work {
  readonly tag: string
  /** 0 without a bundle. */
  readonly bundleId: number
  readonly command: Omit<Command, 'env'>
}

/** Runs a command as a job of that content; its output becomes the job's log. */
export function runJob(connect: Connect, content: Content, { tag, bundleId, command }: Work): Job {
  const { id, guid } = content
  const variantId = tag.startsWith('run_') ? 0 : variantIdOf(content)
  const job = connect.jobs.create({ guid, contentId: id, variantId, bundleId, tag })
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

/** Documents have one variant; apps run without. */
export function variantIdOf(content: Pick<Content, 'id'>): number {
  return 1000 + content.id
}
