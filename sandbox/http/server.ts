import { createServer, IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { MeteredResponse } from './response.ts'

/** A server that listens on loopback. */
export interface Listening {
  readonly url: string
  /** Stops listening and destroys every socket. */
  close(): Promise<void>
}

export type Handle = (request: IncomingMessage, response: MeteredResponse) => void

/** Listens on 127.0.0.1 only. Rejects when the port is taken. */
export async function listen(port: number, handle: Handle): Promise<Listening> {
  const sockets = new Set<Socket>()
  const server = createServer({ IncomingMessage, ServerResponse: MeteredResponse }, handle)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Clients may disconnect in the middle of a response.
    socket.on('error', () => socket.destroy())
  })
  const bound = await bind(server, port)
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Gives the port that the server got. */
async function bind(server: Server, port: number): Promise<number> {
  const address = await new Promise<AddressInfo | string | null>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} is taken: choose another with --port`, { cause: error })
          : error,
      ),
    )
    server.listen(port, '127.0.0.1', () => resolve(server.address()))
  })
  if (address === null || typeof address === 'string') throw new Error('The sandbox needs a TCP address.')
  return address.port
}
