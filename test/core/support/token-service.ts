import { clientCredentials, type HttpRequest, header } from '../../../src/core/index.ts'
import type { Canned } from './canned.ts'
import { type VirtualClient, virtualClient } from './virtual.ts'

export const clientId = 'my-client'
export const clientSecret = 's3cr3t+/With="signs"'
export const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
export const loginUrl = 'https://login.example.com'
export const isToken = ({ url }: HttpRequest): boolean => url === `${loginUrl}/oauth/token`
export const fine: Canned = { body: '{"id":"a"}', after: 10 }
export const token = (index: number, more: object = { expires_in: 1_000 }): Canned => ({
  body: JSON.stringify({ access_token: `token-${index}`, ...more }),
  after: 100,
})

export interface TokenService extends VirtualClient {
  /** When tokens were asked for. */
  readonly tokens: () => ReadonlyArray<number>
  /** What the calls of the API were authorized with. */
  readonly bearers: () => ReadonlyArray<string>
}

/** A service that hands out numbered tokens. Each side is told how many such requests there were before. */
export function tokenService(
  ofToken: (index: number) => Canned = (index) => token(index),
  ofApi: (request: HttpRequest, index: number) => Canned = () => fine,
  sync = false,
): TokenService {
  const counts = { token: 0, api: 0 }
  const made = virtualClient(
    (request) => {
      const answer = isToken(request) ? ofToken(counts.token++) : ofApi(request, counts.api++)
      return sync ? { ...answer, after: undefined } : answer
    },
    { loginUrl, auth: clientCredentials({ clientId, clientSecret }), retry: false },
  )
  return {
    ...made,
    tokens: () => made.requests.filter(({ request }) => isToken(request)).map(({ at }) => at),
    bearers: () =>
      made.requests
        .filter(({ request }) => !isToken(request))
        .map(({ request }) => header(request.headers, 'authorization') ?? 'none'),
  }
}
