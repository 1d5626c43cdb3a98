import * as t from 'io-ts'
import { list, struct } from '../../../src/core/codec.ts'
import type { Endpoint } from '../../../src/core/endpoint.ts'
import { valueStream } from '../../../src/core/framing/value-stream.ts'
import { inBody, inPath, inQuery, positiveInteger, text } from '../../../src/core/parameter.ts'
import { bytes, elements, json } from '../../../src/core/reader.ts'

/** A service of the tests' own. */
export interface Thing {
  readonly id: string
  readonly size?: number
}

export const Thing: t.Type<Thing> = struct<{ readonly id: string }, { readonly size: number }>(
  'Thing',
  { id: t.string },
  { size: t.number },
)

export const getThing: Endpoint<{ readonly id: string }, Thing> = {
  name: 'getThing',
  method: 'GET',
  path: '/things/{id}',
  parameters: { id: inPath },
  answers: { 200: json(Thing) },
}

export const getThings: Endpoint<{ readonly page?: number }, ReadonlyArray<Thing>> = {
  name: 'getThings',
  method: 'GET',
  path: '/things',
  parameters: { page: inQuery(positiveInteger) },
  answers: { 200: json(list(Thing)) },
}

export const postThing: Endpoint<{ readonly id: string }, Thing> = {
  name: 'postThing',
  method: 'POST',
  path: '/things',
  parameters: { id: inBody(text, true) },
  answers: { 200: json(Thing) },
}

/** An open connection that sends things for as long as it likes. */
export const tailThings: Endpoint<{ readonly id: string }, unknown> = {
  name: 'tailThings',
  method: 'GET',
  path: '/things/{id}/tail',
  parameters: { id: inPath },
  answers: { 200: elements(valueStream((values) => values)) },
}

/** A body whose bytes come as they come. */
export const downloadThing: Endpoint<{ readonly id: string }, Uint8Array> = {
  name: 'downloadThing',
  method: 'GET',
  path: '/things/{id}/download',
  parameters: { id: inPath },
  answers: { 200: bytes },
}
