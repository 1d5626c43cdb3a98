// Deploys a report to a sandbox, for the other examples to tail, follow and kill: it writes to its log for ten seconds.
// Prints what names its job. Takes what `npm run sandbox` prints. Not for a real server, which runs no .mjs.
//
//   eval "$(npx tsx examples/start-report.ts)"
//   eval "$(deno run --allow-env --allow-net examples/start-report.ts)"
//   eval "$(bun examples/start-report.ts)"
import process from 'node:process'
import * as t from 'io-ts'
import { createTarGzip } from 'nanotar'
import { find, firstValueFrom, repeat } from 'rxjs'
import { json, struct } from 'rxjobs'
import { type ContentRef, connect } from 'rxjobs/connect'

const { CONNECT_SERVER: server = '', CONNECT_API_KEY: apiKey = '' } = process.env
const pc = connect({ server, apiKey })
const report = `for (let page = 1; page <= 20; page++) {
  console.log('page ' + page + ' of 20')
  if (page % 6 === 0) console.error('page ' + page + ' has no caption')
  await new Promise((done) => setTimeout(done, 500))
}`
const manifest = JSON.stringify({ version: 1, metadata: { appmode: 'quarto-static', entrypoint: 'report.mjs' } })
const files = Object.entries({ 'manifest.json': manifest, 'report.mjs': report })
const bundle = await createTarGzip(files.map(([name, data]) => ({ name, data })))

async function post(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const headers = { authorization: `Key ${apiKey}` }
  return (await fetch(`${server}/__api__/v1/content${path}`, { method: 'POST', headers, body })).text()
}

const content = json(struct<ContentRef>('Content', { guid: t.string }))
const { guid } = content.read(await post('', '{}'))
await post(`/${guid}/bundles`, new Uint8Array(bundle))
await post(`/${guid}/deploy`, '{}')
const jobs = await firstValueFrom(
  pc.getJobs({ guid }).pipe(
    repeat({ delay: 100 }),
    find(([job]) => job !== undefined),
  ),
)
console.log(`export CONNECT_CONTENT_GUID=${guid} CONNECT_JOB_KEY=${jobs?.[0]?.key}`)
