// Tails the log of a content's newest job on Posit Connect, as `tail -f` would: every line once, until the job is over.
//
//   npx tsx examples/connect-tail.ts
//   deno run --allow-env --allow-net examples/connect-tail.ts
//   bun examples/connect-tail.ts
//
// Takes CONNECT_SERVER and CONNECT_API_KEY, as `npm run sandbox` prints them, and the CONNECT_CONTENT_GUID of content
// with a job; for a sandbox, examples/start-report.ts makes one.
import process from 'node:process'
import { map, mergeMap, throwIfEmpty } from 'rxjs'
import { thenTail } from 'rxjobs'
import { connect, type JobItem } from 'rxjobs/connect'

const { CONNECT_SERVER: server = '', CONNECT_API_KEY: apiKey = '', CONNECT_CONTENT_GUID: guid = '' } = process.env
const pc = connect({ server, apiKey })

// The service promises no order.
const newestFirst = (a: JobItem, b: JobItem): number => (b.start_time ?? '').localeCompare(a.start_time ?? '')

pc.getJobs({ guid })
  .pipe(
    mergeMap((jobs) => [...jobs].sort(newestFirst).slice(0, 1)),
    throwIfEmpty(() => new Error(`the content ${guid} has no job`)),
    map(({ key = '' }) => ({ guid, key })),
    thenTail(pc.jobs),
  )
  .subscribe({
    next: (element) => {
      if (element._tag === 'Gap') console.error(`(lines are missing here: ${element.reason})`)
      else if (element.source === 'stderr') console.error(element.data)
      else console.log(element.data)
    },
    error: (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  })
