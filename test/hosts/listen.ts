import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningHost } from '@latchkey/testkit'

/** Starts a server on a free port of this machine. */
export async function listen(server: Server): Promise<RunningHost> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return { origin: originOf(server), close: () => close(server) }
}

/** Where a server listens. */
export function originOf(server: Server): string {
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
