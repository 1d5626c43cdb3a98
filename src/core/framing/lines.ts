import { Observable, type OperatorFunction } from 'rxjs'
import { boundTo } from '../bound-to.ts'

/** What a line that is longer than allowed is cut to, in UTF-16 units. */
export interface LineLimit {
  readonly maxLineBytes: number
}

/**
 * Splits bytes into lines of text, one emission each, without their ends (LF or CRLF). A last line without an end is a
 * line. At most one line is held; one longer than `maxLineBytes` (in UTF-16 units) is cut there and its rest dropped.
 *
 * @example
 * ```ts
 * import { of, toArray, lastValueFrom } from 'rxjs'
 * import { lines } from 'rxjobs'
 *
 * const log = of(new TextEncoder().encode('one\ntw'), new TextEncoder().encode('o'))
 * await lastValueFrom(log.pipe(lines({ maxLineBytes: 1_000 }), toArray())) // => ['one', 'two']
 * ```
 */
export function lines({ maxLineBytes }: LineLimit): OperatorFunction<Uint8Array, string> {
  return (source) =>
    new Observable((subscriber) => {
      const decoder = new TextDecoder()
      let rest = ''
      const emit = (line: string): void => subscriber.next(line.endsWith('\r') ? line.slice(0, -1) : line)
      const cut = (line: string): string => (line.length > maxLineBytes ? line.slice(0, maxLineBytes) : line)

      function take(text: string): void {
        let from = 0
        for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
          emit(rest.length < maxLineBytes ? cut(rest + text.slice(from, end)) : rest)
          rest = ''
          from = end + 1
        }
        // Nothing is done about what is dropped: cutting it off again would cost the whole line, at every piece.
        if (rest.length < maxLineBytes) rest = cut(rest + text.slice(from))
      }

      source.pipe(boundTo(subscriber)).subscribe({
        next: (bytes) => take(decoder.decode(bytes, { stream: true })),
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          take(decoder.decode())
          if (rest !== '') emit(rest)
          subscriber.complete()
        },
      })
    })
}
