import type { IncomingMessage } from 'node:http'

/** A parsed `{…}` of which no field is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text as a JSON object; undefined when it is anything else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The largest JSON or form body, in bytes. */
export const maxTextBytes: number = 1 << 20

/** The whole body of a request. Undefined when it is larger than `maxBytes`; the rest is then not read. */
export async function readBytes(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  // The socket must stay open for the response.
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
