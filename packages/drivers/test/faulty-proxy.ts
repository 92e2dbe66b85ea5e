import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What happens to an answer once it has this many bytes. */
export interface Fault {
  readonly afterBytes: number
  /** `reset` breaks the connection, `end` closes it in order, `stall` sends no more. */
  readonly how: 'reset' | 'end' | 'stall'
}

/** Passes on what comes to a port of its own; a fault strikes each connection until it is taken away. */
export async function faultyProxy(port: number) {
  let fault: Fault | undefined
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const store = dial(port, '127.0.0.1')
    let sent = 0
    for (const socket of [client, store]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        store.destroy()
      })
    }
    client.pipe(store)
    store.on('data', (bytes: Buffer) => {
      sent += bytes.byteLength
      if (fault === undefined || sent < fault.afterBytes) {
        if (!client.write(bytes)) {
          store.pause()
          client.once('drain', () => store.resume())
        }
        return
      }
      store.removeAllListeners('data')
      store.pause()
      if (fault.how === 'reset') client.resetAndDestroy()
      if (fault.how === 'end') client.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strike(next: Fault | undefined) {
      fault = next
    },
  }
}
