/** A web stream's reader: what it answers is what an iterator does. */
interface WebReader {
  read(): Promise<IteratorResult<Uint8Array, undefined>>
}

interface WebStream {
  getReader(): WebReader
}

interface NodeStream extends AsyncIterable<Uint8Array> {
  on?(event: 'error', listener: () => void): unknown
}

const isWebStream = (body: object): body is WebStream => 'getReader' in body && typeof body.getReader === 'function'

const isNodeStream = (body: object): body is NodeStream => Symbol.asyncIterator in body

/** An answer without a body, such as a 204. */
async function* nothing(): AsyncGenerator<Uint8Array> {}

// Not by the stream's own iterator, which some browsers lack.
function readWeb(stream: WebStream): AsyncIterable<Uint8Array> {
  const reader = stream.getReader()
  return { [Symbol.asyncIterator]: () => ({ next: () => reader.read() }) }
}

/**
 * The chunks of a response body in either shape: a web stream (browsers, Bun, native fetch) or a Node stream (node-fetch,
 * whatever cross-fetch's types say). It only reads: closing the connection is the AbortController's business, because
 * leaving a node-fetch body does not close it.
 */
export function readBody(body: unknown): AsyncIterable<Uint8Array> {
  if (typeof body !== 'object' || body === null) return nothing()
  if (isWebStream(body)) return readWeb(body)
  if (!isNodeStream(body)) throw new TypeError('fetch gave a body that is neither a web stream nor an async iterable')
  // Aborting before the first read makes node-fetch emit 'error' on the body; without a listener that ends the process.
  body.on?.('error', () => undefined)
  return body
}
