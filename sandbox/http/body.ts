import type { IncomingMessage } from 'node:http'

/** Largest JSON or form body, in bytes. */
export const maxTextBytes: number = 1 << 20

/** The whole body of a request; undefined when it is larger than that, in which case the rest is not read. */
export async function readBytes(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  // The socket is still needed for the answer.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Buffer)) continue
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The whole body as text; undefined when it is larger than 1 MiB. */
export async function readText(incoming: IncomingMessage): Promise<string | undefined> {
  return (await readBytes(incoming, maxTextBytes))?.toString('utf8')
}
