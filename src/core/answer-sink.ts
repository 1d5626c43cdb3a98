import type { Subscriber } from 'rxjs'
import type { Answer } from './client.ts'
import { gather } from './gather.ts'
import { Mismatch, type Reader, type StreamReader, type WholeReader } from './reader.ts'
import type { Head } from './transport.ts'

/** Takes the body of one answer and tells the subscriber what it comes to. */
export interface AnswerSink {
  push(bytes: Uint8Array): void
  end(): void
}

/** The bounds of what is read. */
export interface Bounds {
  readonly maxBodyBytes: number
  readonly maxLineBytes: number
}

const tooLarge = (bound: number): Mismatch =>
  new Mismatch([{ path: '', expected: `at most ${bound} bytes (maxBodyBytes)`, actual: 'larger' }])

function wholeSink<A>(
  reader: WholeReader<A>,
  head: Head,
  bound: number,
  subscriber: Subscriber<Answer<A>>,
): AnswerSink {
  const body = gather(bound)
  return {
    push: (bytes) => {
      if (!body.push(bytes)) throw tooLarge(bound)
    },
    end: () => {
      subscriber.next({ ...head, value: reader.read(body.text()) })
      subscriber.complete()
    },
  }
}

function streamSink<A>(
  reader: StreamReader<A>,
  head: Head,
  bounds: Bounds,
  subscriber: Subscriber<Answer<A>>,
): AnswerSink {
  const decoder = reader.open(head, bounds)
  const emit = (values: ReadonlyArray<A>): void => {
    for (const value of values) subscriber.next({ ...head, value })
  }
  emit(decoder.first)
  return {
    push: (bytes) => emit(decoder.push(bytes)),
    end: () => {
      emit(decoder.end())
      subscriber.complete()
    },
  }
}

/** A sink for a successful answer. What it throws is a Mismatch. */
export function answerSink<A>(
  reader: Reader<A>,
  head: Head,
  bounds: Bounds,
  subscriber: Subscriber<Answer<A>>,
): AnswerSink {
  return reader._tag === 'Whole'
    ? wholeSink(reader, head, bounds.maxBodyBytes, subscriber)
    : streamSink(reader, head, bounds, subscriber)
}

/** A sink for an answer that is no success: it reads up to `bound` bytes and hands them to `fail`. */
export function failureSink(bound: number, fail: (body: string) => void): AnswerSink {
  const body = gather(bound)
  return {
    push: (bytes) => {
      if (!body.push(bytes)) fail(body.text())
    },
    end: () => fail(body.text()),
  }
}
