import { type Observable, VirtualTimeScheduler } from 'rxjs'
import { accessToken, type Client, type ClientOptions, client, type HttpRequest } from '../../../src/core/index.ts'
import { type Canned, canned, type CannedTransport } from './canned.ts'
import { type Outcome, watch } from './outcome.ts'

/** A client whose service is a function and whose time is virtual. */
export interface VirtualClient extends CannedTransport {
  readonly client: Client
  readonly scheduler: VirtualTimeScheduler
  /** What a stream comes to when all time has passed. */
  readonly outcome: <A>(source: Observable<A>) => Outcome<A>
  /** When each request was made. */
  readonly times: () => ReadonlyArray<number>
}

export function virtualClient(
  answer: (request: HttpRequest, index: number) => Canned,
  options: Partial<ClientOptions> = {},
): VirtualClient {
  const scheduler = new VirtualTimeScheduler()
  const { transport, requests } = canned(scheduler, answer)
  return {
    scheduler,
    transport,
    requests,
    client: client({
      baseUrl: 'https://api.example.com/v1',
      auth: accessToken('a-token'),
      scheduler,
      transport,
      ...options,
    }),
    outcome: (source) => {
      const outcome = watch(source)
      scheduler.flush()
      return outcome()
    },
    times: () => requests.map(({ at }) => at),
  }
}
