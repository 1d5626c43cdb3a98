import { Observable } from 'rxjs'
import type { TextAnswer } from './auth.ts'
import { boundTo } from './bound-to.ts'
import type { Limits } from './exchange.ts'
import { gather } from './gather.ts'
import { errorBodyBytes } from './http-failure.ts'
import { receive } from './receive.ts'
import { credentials, redact } from './redact.ts'
import type { Head, HttpRequest, Transport } from './transport.ts'

/** Sends a request as it is and gives the whole answer as text, up to 64 KiB: what an {@link Auth} fetches tokens with. */
export function sendText(transport: Transport, limits: Limits): (request: HttpRequest) => Observable<TextAnswer> {
  const { timeout, idleTimeout, scheduler } = limits
  const patience = { timeout, idle: idleTimeout, scheduler, body: () => ({ whole: timeout, idle: idleTimeout }) }
  return (request) =>
    new Observable((subscriber) => {
      const secrets = credentials(request.headers.filter(([name]) => name.toLowerCase() === 'authorization'))
      const clean = (text: string): string => redact(text, secrets)
      const { origin, pathname: path } = new URL(request.url)
      const asked = { method: request.method, path, origin }
      const body = gather(errorBodyBytes)
      let head: Head | undefined
      const finish = (): void => {
        if (head) subscriber.next({ ...head, body: body.text() })
        subscriber.complete()
      }
      receive(transport, request, asked, patience, clean)
        .pipe(boundTo(subscriber))
        .subscribe({
          next: (part) => {
            if (!('bytes' in part)) head = part
            else if (!body.push(part.bytes)) finish()
          },
          error: (error: unknown) => subscriber.error(error),
          complete: finish,
        })
    })
}
