//   npx tsx examples/connect-tail.ts
//   deno run --allow-env --allow-net examples/connect-tail.ts
//   bun examples/connect-tail.ts
//
// Tails the log of a content's newest job on Posit Connect, as `tail -f` would: every line once, until the job is over.
// Needs CONNECT_SERVER, CONNECT_API_KEY, and CONNECT_CONTENT_GUID, the content.
import process from 'node:process'
import { map, mergeMap, throwIfEmpty } from 'rxjs'
import { thenTail } from 'rxjobs'
import { connect, type JobItem } from 'rxjobs/connect'
import { environment } from './environment.ts'

const env = environment('CONNECT_SERVER', 'CONNECT_API_KEY', 'CONNECT_CONTENT_GUID')
const pc = connect({ server: env('CONNECT_SERVER'), apiKey: env('CONNECT_API_KEY') })
const guid = env('CONNECT_CONTENT_GUID')

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
