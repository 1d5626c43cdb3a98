// The build service of your-own-service.ts: its client, and the JobSource that the streams use.
import * as t from 'io-ts'
import { map } from 'rxjs'
import { jobSource } from 'rxjobs'
import { accessToken, boundedArray, client, type Endpoint, inBody, inPath } from 'rxjobs/core'
import { json, stringParam, struct } from 'rxjobs/core'

type Ref = { readonly id: string }
type Build = Ref & { readonly state: string }

const build = json(struct<Build>('Build', { id: t.string, state: t.string }))
const responses = { 200: build, 201: build }
const path = '/builds/{id}'
const get: Endpoint<Ref, Build> = { name: 'get', method: 'GET', path, parameters: { id: inPath }, responses }
const output = { ...get, name: 'output', path: `${path}/output`, responses: { 200: json(boundedArray(t.string)) } }
const commit = inBody(stringParam, true)
const start: Endpoint<{ commit: string }, Build> = {
  ...get,
  name: 'start',
  method: 'POST',
  path: '/builds',
  parameters: { commit },
}

const entryOf = (data: string) => ({ source: 'stdout', timestamp: '', data })
// Each call makes one attempt, because the streams repeat it.
const once = { retry: false } as const

export function builds(baseUrl: string, token: string) {
  const api = client({ baseUrl, auth: accessToken(token) })
  const source = jobSource({
    status: (ref: Ref) => api.run(get, ref, once),
    phase: ({ state }) => (state === 'passed' ? 'succeeded' : state === 'broken' ? 'failed' : 'running'),
  })
  const read = (ref: Ref, maxLines: number) =>
    api.run(output, ref, once).pipe(map((lines) => lines.slice(-maxLines).map(entryOf)))
  return { start: (commit: string) => api.run(start, { commit }), jobs: { ...source, log: { read } } }
}
