import { StringDecoder } from 'node:string_decoder'

/** Makes whole lines of the bytes of one pipe. */
export interface LineSplitter {
  push(bytes: Buffer): void
  /** Gives out what is left without a newline. */
  end(): void
}

/** Longest line in characters; a longer one goes out in pieces, so that a process cannot fill the memory with one. */
const longestLine = 1 << 20

/** Splits at LF and CRLF. A character or a CRLF that two chunks share is put together again. */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const give = (line: string): void => onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  return {
    push(bytes) {
      const lines = (rest + decoder.write(bytes)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) give(line)
      while (rest.length > longestLine) {
        onLine(rest.slice(0, longestLine))
        rest = rest.slice(longestLine)
      }
    },
    end() {
      rest += decoder.end()
      if (rest !== '') give(rest)
      rest = ''
    },
  }
}
