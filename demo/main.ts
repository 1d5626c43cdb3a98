// npm start: follows jobs side by side, on a sandbox of its own or on the services that the environment names.
import { lastValueFrom, takeUntil } from 'rxjs'
import { followAll } from './follow-all.ts'
import { interrupted } from './interrupted.ts'
import { screenFor } from './screen.ts'
import { targetsOf } from './targets.ts'
import { painter, table } from './text.ts'
import { withJobs } from './with-jobs.ts'

const { stdout, stderr } = process
const paint = painter(stdout.isTTY && stdout.hasColors())
const screen = screenFor(stdout)

try {
  const following = withJobs(targetsOf(process.env), (jobs) => {
    const names = jobs.map(({ name }) => name)
    return followAll(jobs, screen(stdout, names, paint))
  })
  const endings = await lastValueFrom(following.pipe(takeUntil(interrupted(process))), { defaultValue: undefined })
  if (endings !== undefined) {
    stdout.write(`\n${table(endings, paint)}\n`)
    process.exitCode = endings.some(({ end }) => end === 'lost') ? 1 : 0
  }
} catch (error) {
  stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
