import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { belowMount, deferContinue, gateRequest, writeReply } from '@latchkey/core/node'
import type { Host, RunningHost } from '../http-case.js'

/** A server of Node's own, for cases to run in where there is no framework. */
export const plainHost: Host = {
  name: 'node:http',
  async start(files, mount): Promise<RunningHost> {
    const server = createServer((incoming, outgoing) => {
      const path = belowMount(incoming.url ?? '/', mount)
      files.handle(gateRequest(incoming, path)).then(
        (reply) => writeReply(reply, incoming, outgoing),
        () => {
          outgoing.statusCode = 500
          outgoing.end('Internal Server Error')
        },
      )
    })
    deferContinue(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return { origin: `http://127.0.0.1:${port}`, close: () => close(server) }
  },
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
