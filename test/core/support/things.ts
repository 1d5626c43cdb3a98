import * as t from 'io-ts'
import {
  type BodyDecoder,
  boundedArray,
  bytes,
  type Endpoint,
  inBody,
  inPath,
  inQuery,
  json,
  jsonStream,
  positiveIntegerParam,
  stringParam,
  struct,
} from '../../../src/core/index.ts'

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
  responses: { 200: json(Thing) },
}

export const getThings: Endpoint<{ readonly page?: number }, ReadonlyArray<Thing>> = {
  name: 'getThings',
  method: 'GET',
  path: '/things',
  parameters: { page: inQuery(positiveIntegerParam) },
  responses: { 200: json(boundedArray(Thing)) },
}

export const postThing: Endpoint<{ readonly id: string }, Thing> = {
  name: 'postThing',
  method: 'POST',
  path: '/things',
  parameters: { id: inBody(stringParam, true) },
  responses: { 200: json(Thing) },
}

/** The elements one by one of a decoder that gives them in batches. */
const elements = <A>(decoder: BodyDecoder<ReadonlyArray<A>>): BodyDecoder<A> => ({
  ...decoder,
  start: (head, limits) => {
    const decoding = decoder.start(head, limits)
    return {
      first: (decoding.first ?? []).flat(),
      push: (bytes) => decoding.push(bytes).flat(),
      end: () => decoding.end().flat(),
    }
  },
})

/** An open connection that sends things for as long as it likes. */
export const tailThings: Endpoint<{ readonly id: string }, unknown> = {
  name: 'tailThings',
  method: 'GET',
  path: '/things/{id}/tail',
  parameters: { id: inPath },
  responses: { 200: elements(jsonStream((values) => values)) },
}

/** A body whose bytes come as they come. */
export const downloadThing: Endpoint<{ readonly id: string }, Uint8Array> = {
  name: 'downloadThing',
  method: 'GET',
  path: '/things/{id}/download',
  parameters: { id: inPath },
  responses: { 200: bytes },
}
