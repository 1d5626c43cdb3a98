import { Observable } from 'rxjs'
import type { TextAnswer } from './auth.ts'
import type { Limits } from './exchange.ts'
import { gather } from './gather.ts'
import { errorBodyBytes } from './http-failure.ts'
import { receive } from './receive.ts'
import type { Head, HttpRequest, Transport } from './transport.ts'

/** Sends a request as it is and gives the whole answer as text, up to 64 KiB: what an {@link Auth} fetches tokens with. */
export function sendText(transport: Transport, limits: Limits): (request: HttpRequest) => Observable<TextAnswer> {
  return (request) =>
    new Observable((subscriber) => {
      const asked = { method: request.method, path: new URL(request.url).pathname }
      const body = gather(errorBodyBytes)
      let head: Head | undefined
      const finish = (): void => {
        if (head) subscriber.next({ ...head, body: body.text() })
        subscriber.complete()
      }
      return receive(transport, request, asked, { ...limits, streamed: false }).subscribe({
        next: (part) => {
          if (!('bytes' in part)) head = part
          else if (!body.push(part.bytes)) finish()
        },
        error: (error: unknown) => subscriber.error(error),
        complete: finish,
      })
    })
}
