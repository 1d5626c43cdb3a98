// The build service of your-own-service.ts as a client and a JobSource: what the streams need to know of it.
import * as t from 'io-ts'
import { map } from 'rxjs'
import { accessToken, client, type Endpoint, inBody, inPath, json, list, simpleSource, struct, text } from 'rxjobs'

type Ref = { readonly id: string }
type Build = Ref & { readonly state: string }

const build = json(struct<Build>('Build', { id: t.string, state: t.string }))
const answers = { 200: build, 201: build }
const path = '/builds/{id}'
const get: Endpoint<Ref, Build> = { name: 'get', method: 'GET', path, parameters: { id: inPath }, answers }
const output = { ...get, name: 'output', path: `${path}/output`, answers: { 200: json(list(t.string)) } }
const commit = inBody(text, true)
const start: Endpoint<{ commit: string }, Build> = {
  ...get,
  name: 'start',
  method: 'POST',
  path: '/builds',
  parameters: { commit },
}

const entryOf = (data: string) => ({ source: 'stdout', timestamp: '', data })
// One attempt a call: the streams do the repeating.
const once = { retry: false }

export function builds(baseUrl: string, token: string) {
  const api = client({ baseUrl, auth: accessToken(token) })
  const source = simpleSource({
    status: (ref: Ref) => api.run(get, ref, once),
    phase: ({ state }) => (state === 'passed' ? 'succeeded' : state === 'broken' ? 'failed' : 'running'),
  })
  const window = (ref: Ref, most: number) =>
    api.run(output, ref, once).pipe(map((lines) => lines.slice(-most).map(entryOf)))
  return { start: (commit: string) => api.run(start, { commit }), jobs: { ...source, log: { window } } }
}
