import { accessToken, type Client, type ClientOptions, client } from '../../../src/core/index.ts'
import { type Handle, servers, type TestServer } from './server.ts'

/** A client and the server that it asks. */
export interface Setup {
  readonly api: Client
  readonly server: TestServer
}

/** Starts pairs of client and server for one test file; the client repeats nothing unless told. */
export function setups(): (handle: Handle, options?: Partial<ClientOptions>) => Promise<Setup> {
  const serve = servers()
  return async (handle, options = {}) => {
    const server = await serve(handle)
    const auth = accessToken('a-token')
    return { server, api: client({ baseUrl: `${server.url}/v1`, auth, retry: false, ...options }) }
  }
}
