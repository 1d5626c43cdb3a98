import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Connect, ConnectApp } from './connect.ts'
import { answerNoRoute, ConnectError } from './errors.ts'
import { jobOf } from './job-routes.ts'
import { cutLines, type JobLog } from './log.ts'
import type { TailFraming, TailSettings } from './settings.ts'

/** Entries read from the log at a time. */
const page = 512

/** `GET …/jobs/{key}/tail`: the log as it grows, until the job is finalized. */
export function tailRoute(app: ConnectApp, connect: Connect): void {
  const { tail } = connect
  app.get('/v1/content/:guid/jobs/:key/tail', (c) => {
    if (tail.lacking === 404) return answerNoRoute(c)
    if (tail.lacking === 'html') return c.html('<!doctype html><title>Dashboard</title><p>There is no tail here.</p>')
    if (tail.lacking !== undefined) return c.text('This server has no tail.', tail.lacking)
    const { log } = jobOf(connect, c)
    if (log.closed && tail.finished === 404) throw new ConnectError(4)
    const skips = log.closed && tail.finished === 'empty'
    send(connect, log, skips ? log.length : startOf(log, tail.replay), c.env.outgoing)
    return RESPONSE_ALREADY_SENT
  })
}

function startOf({ first, length }: JobLog, replay: Required<TailSettings>['replay']): number {
  if (replay === 'all') return first
  return replay === 'none' ? length : Math.max(first, length - replay)
}

function send({ tail, timers }: Connect, log: JobLog, from: number, outgoing: ServerResponse): void {
  const framing = framings[tail.framing]
  let next = from
  let begun = false
  let blocked = false
  let first = true

  const write = (text: string): void => {
    if (!writePieces(outgoing, Buffer.from(text), tail.chunkBytes)) blocked = true
  }
  const begin = (): void => {
    if (begun) return
    begun = true
    outgoing.writeHead(200, { 'Content-Type': tail.contentType ?? framing.contentType, 'Cache-Control': 'no-cache' })
    outgoing.flushHeaders()
    if (framing.open !== '') write(framing.open)
  }
  // Reads only as fast as the socket takes it, so that a slow client costs a page of memory and not a log.
  const pump = (): void => {
    while (!blocked && next < log.length) {
      const end = Math.min(next + page, log.length)
      const texts = withFlaws(cutLines(log.texts(next, end), tail.cutAt), next, tail)
      next = end
      if (texts.length === 0) continue
      begin()
      write(framing.encode(texts, first, tail.eol))
      first = false
    }
    if (blocked || !log.closed) return
    begin()
    stop()
    outgoing.end(framing.close)
  }
  const stopListening = log.listen(pump)
  const stopKeepAlive =
    tail.keepAliveMs > 0
      ? timers.every(tail.keepAliveMs, () => (blocked || !begun ? undefined : write(framing.keepAlive(tail.eol))))
      : () => undefined
  const stop = (): void => {
    stopListening()
    stopKeepAlive()
  }
  outgoing.on('drain', () => {
    blocked = false
    pump()
  })
  outgoing.once('close', stop)

  if (!tail.withholdsHead) begin()
  pump()
}

/** The lines from that index on, some twice, some left out and some before their neighbour, as the settings say. */
function withFlaws(
  texts: ReadonlyArray<string>,
  from: number,
  { repeatsEvery, omitsEvery, swapsEvery }: Connect['tail'],
): ReadonlyArray<string> {
  if (repeatsEvery === 0 && omitsEvery === 0 && swapsEvery === 0) return texts
  const isNth = (index: number, every: number): boolean => every > 0 && (from + index + 1) % every === 0
  const sent = [...texts]
  for (const [index, text] of texts.entries()) {
    if (index === 0 || !isNth(index, swapsEvery)) continue
    sent[index] = sent[index - 1] ?? text
    sent[index - 1] = text
  }
  return sent.flatMap((text, index) => {
    if (isNth(index, omitsEvery)) return []
    return isNth(index, repeatsEvery) ? [text, text] : [text]
  })
}

function writePieces(outgoing: ServerResponse, bytes: Buffer, size: number): boolean {
  if (size === 0) return outgoing.write(bytes)
  let flowing = true
  for (let start = 0; start < bytes.length; start += size) {
    flowing = outgoing.write(bytes.subarray(start, start + size))
  }
  return flowing
}

/** How one framing writes entries, each given as JSON text. */
interface Framing {
  readonly contentType: string
  readonly open: string
  /** The entries; `first` when nothing was sent before. */
  readonly encode: (texts: ReadonlyArray<string>, first: boolean, eol: string) => string
  readonly keepAlive: (eol: string) => string
  readonly close: string
}

const framings: Readonly<Record<TailFraming, Framing>> = {
  sse: {
    contentType: 'text/event-stream',
    open: '',
    encode: (texts, _, eol) => texts.map((text) => `data: ${text}${eol}${eol}`).join(''),
    keepAlive: (eol) => `: still here${eol}${eol}`,
    close: '',
  },
  ndjson: {
    contentType: 'application/x-ndjson',
    open: '',
    encode: (texts, _, eol) => texts.join(eol) + eol,
    keepAlive: (eol) => eol,
    close: '',
  },
  concatenated: {
    contentType: 'application/json',
    open: '',
    encode: (texts) => texts.join(''),
    keepAlive: () => ' ',
    close: '',
  },
  array: {
    contentType: 'application/json',
    open: '[',
    encode: (texts, first) => (first ? '' : ',') + texts.join(','),
    keepAlive: () => ' ',
    close: ']',
  },
}
