import type { FaultRule } from 'rxjobs/sandbox'

const isTail = /\/tail$/
const isDownload = /\/download/
const isList = /\/jobs(\?|$)/
// A POST is never sent twice, so that one that fails is a failure that the user sees.
const isRead = (method: string, path: string): boolean => method === 'GET' && !isTail.test(path)

const page = '<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>\n'.repeat(40)
const past = 'Wed, 21 Oct 2015 07:28:00 GMT'
const read = { match: isRead } as const
const tail = { match: { method: 'GET', path: isTail } } as const
const download = { match: { method: 'GET', path: isDownload } } as const

/** Answers that are late, or say that they come later. */
const late: ReadonlyArray<FaultRule> = [
  { kind: 'latency', ms: 300, probability: 0.1 },
  { kind: 'latency', ms: 4_000, probability: 0.01, ...read },
  { kind: 'status', status: 503, retryAfter: 1, probability: 0.01, ...read },
  { kind: 'status', status: 503, probability: 0.01, ...read },
  { kind: 'status', status: 500, probability: 0.01, ...read },
  { kind: 'status', status: 502, body: page, probability: 0.005, ...read },
  { kind: 'status', status: 429, probability: 0.004, ...read },
  { kind: 'status', status: 429, retryAfter: 0, probability: 0.004, ...read },
  { kind: 'status', status: 429, retryAfter: 2, probability: 0.004, ...read },
  { kind: 'status', status: 429, retryAfter: 'soon', probability: 0.004, ...read },
  { kind: 'status', status: 503, retryAfter: past, probability: 0.004, ...read },
  { kind: 'silence', probability: 0.003, ...read },
  { kind: 'reset', probability: 0.005, ...read },
  { kind: 'reset', when: 'after', probability: 0.005, ...read },
  { kind: 'hangUp', afterMs: 3, probability: 0.02, ...read },
  { kind: 'stall', after: { bytes: 20 }, probability: 0.004, ...read },
  {
    kind: 'headers',
    headers: { 'inin-ratelimit-allowed': '-5', 'inin-ratelimit-reset': '99999999999' },
    probability: 0.02,
    ...read,
  },
]

/** Status 200, and not the answer of the service. */
const odd: ReadonlyArray<FaultRule> = [
  { kind: 'html' },
  { kind: 'answer', body: '' },
  { kind: 'answer', body: '{"entries":[{"sour' },
  { kind: 'wrongJson' },
  { kind: 'cut', after: { bytes: 100 } },
]

/** Of each address every 25th read is odd, each time in another way: three odd answers in a row end a stream. */
function inTurn(faults: ReadonlyArray<FaultRule>): ReadonlyArray<FaultRule> {
  const reads = new Map<string, number>()
  return faults.map((fault, which) => ({
    ...fault,
    match: (method, path) => {
      if (!isRead(method, path)) return false
      const address = path.replace(/\?.*/, '')
      // The rules are asked in their order.
      if (which === 0) reads.set(address, (reads.get(address) ?? 0) + 1)
      const turn = (reads.get(address) ?? 0) / 25
      return Number.isInteger(turn) && turn % faults.length === which
    },
  }))
}

/** One job of a list twice. */
const twice: FaultRule = {
  kind: 'rewrite',
  body: (text) => text.replace(/^\[(\{[^}]*\})/, '[$1,$1'),
  match: (method, path) => method === 'GET' && isList.test(path),
  probability: 0.2,
}

/** The log's download is not the log, or not all of it. */
const downloads: ReadonlyArray<FaultRule> = [
  { kind: 'answer', contentType: 'text/html', body: page, probability: 0.1, ...download },
  { kind: 'answer', contentType: 'text/plain', probability: 0.05, ...download },
  {
    kind: 'answer',
    contentType: 'text/plain',
    body: '#0\n#1\nanother log\n'.repeat(300),
    probability: 0.05,
    ...download,
  },
  { kind: 'cut', after: { bytes: 40_001 }, probability: 0.1, ...download },
  { kind: 'rewrite', body: (text) => Buffer.from(text).subarray(0, 20_003), probability: 0.1, ...download },
]

/** The live connection is cut anywhere, also in mid-character, stalls, does not open, or opens late. */
const connections: ReadonlyArray<FaultRule> = [
  ...[1, 61, 777, 4_099, 65_537].map(
    (bytes) => ({ kind: 'cut', after: { bytes }, probability: 0.06, ...tail }) as const,
  ),
  ...[50, 350, 2_000, 9_000].map((ms) => ({ kind: 'cut', after: { ms }, probability: 0.06, ...tail }) as const),
  { kind: 'stall', after: { bytes: 1_000 }, probability: 0.04, ...tail },
  { kind: 'stall', after: { ms: 3_000 }, probability: 0.04, ...tail },
  { kind: 'silence', probability: 0.05, ...tail },
  { kind: 'status', status: 503, probability: 0.05, ...tail },
  { kind: 'html', probability: 0.03, ...tail },
  { kind: 'reset', probability: 0.05, ...tail },
]

/** All faults at once. */
export const rules = (): ReadonlyArray<FaultRule> => [...late, ...inTurn(odd), twice, ...downloads, ...connections]
