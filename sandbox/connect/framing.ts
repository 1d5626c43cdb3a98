import type { TailFraming } from './settings.ts'

/** How one framing puts entries, each given as JSON text, on the wire. */
export interface Framing {
  readonly contentType: string
  readonly open: string
  /** The entries, `first` when nothing was sent before. */
  readonly encode: (texts: ReadonlyArray<string>, first: boolean, eol: string) => string
  readonly keepAlive: (eol: string) => string
  readonly close: string
}

export const framings: Readonly<Record<TailFraming, Framing>> = {
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
