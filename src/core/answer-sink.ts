import type { Subscriber } from 'rxjs'
import { gather } from './gather.ts'
import { Mismatch, type Reader, type StreamReader, type WholeReader } from './reader.ts'
import type { Head } from './transport.ts'

/** Takes the body of one answer and tells the subscriber what it comes to. */
export interface AnswerSink {
  push(bytes: Uint8Array): void
  end(): void
}

/** What is told of a value: it alone, or with the head that it came with. */
export type Told<A, B> = (head: Head, value: A) => B

/** The bounds of what is read. */
export interface Bounds {
  readonly maxBodyBytes: number
  readonly maxLineBytes: number
}

const tooLarge = (bound: number): Mismatch =>
  new Mismatch([{ path: '', expected: `at most ${bound} bytes (maxBodyBytes)`, actual: 'larger' }])

function wholeSink<A, B>(
  reader: WholeReader<A>,
  head: Head,
  bound: number,
  told: Told<A, B>,
  subscriber: Subscriber<B>,
): AnswerSink {
  const body = gather(bound)
  return {
    push: (bytes) => {
      if (!body.push(bytes)) throw tooLarge(bound)
    },
    end: () => {
      subscriber.next(told(head, reader.read(body.text())))
      subscriber.complete()
    },
  }
}

function streamSink<A, B>(
  reader: StreamReader<A>,
  head: Head,
  bounds: Bounds,
  told: Told<A, B>,
  subscriber: Subscriber<B>,
): AnswerSink {
  const decoder = reader.open(head, bounds)
  const emit = (values: ReadonlyArray<A>): void => {
    for (const value of values) subscriber.next(told(head, value))
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
export function answerSink<A, B>(
  reader: Reader<A>,
  head: Head,
  bounds: Bounds,
  told: Told<A, B>,
  subscriber: Subscriber<B>,
): AnswerSink {
  return reader._tag === 'Whole'
    ? wholeSink(reader, head, bounds.maxBodyBytes, told, subscriber)
    : streamSink(reader, head, bounds, told, subscriber)
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
