import { once } from 'node:events'

const LAST_PORT = 65_535
const LOOPBACK = '127.0.0.1'

/**
 * Listens on the wanted port, or on the next one that is free.
 *
 * @param {import('node:http').Server} server
 * @param {{ port: number, host: string | undefined }} where
 * @returns {Promise<number>} the port it became
 */
export async function listenOnFreePort(server, { port, host = LOOPBACK }) {
  for (let candidate = port; ; candidate++) {
    try {
      server.listen(candidate, host)
      await once(server, 'listening')
      const address = server.address()
      return typeof address === 'object' && address !== null ? address.port : candidate
    } catch (error) {
      if (!isTaken(error) || candidate === LAST_PORT) throw error
    }
  }
}

/** @param {unknown} error */
function isTaken(error) {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
