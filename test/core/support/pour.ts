import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export const block: Uint8Array = new Uint8Array(2 ** 20)

/** Writes blocks as fast as the socket takes them, and counts what it took, until the client has all or is gone. */
export async function pour(response: ServerResponse, blocks: number, took: (bytes: number) => void): Promise<void> {
  function* all(): Generator<Uint8Array> {
    for (let count = 1; count <= blocks; count++) {
      yield block
      took(count * block.length)
    }
  }
  await pipeline(Readable.from(all(), { highWaterMark: 1 }), response).catch(() => undefined)
}
