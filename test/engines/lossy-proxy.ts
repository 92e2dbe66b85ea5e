import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Engine } from './engine.js'

/** A way to an engine on which answers get lost. */
export interface LossyProxy {
  /** As the engine's own, by the other port. */
  readonly url: string
  /** The next bytes that the engine answers are dropped, and their connection broken off. */
  loseNextAnswer(): void
  /** Answers that were dropped so far. */
  lost(): number
  close(): Promise<void>
}

/** Opens a proxy to an engine, on a port of its own. */
export async function openLossyProxy({ port, url }: Engine): Promise<LossyProxy> {
  const sockets = new Set<Socket>()
  let losing = false
  let lost = 0
  const server = createServer((client) => {
    const engine = connect(port, '127.0.0.1')
    const end = () => {
      for (const socket of [client, engine]) {
        socket.destroy()
        sockets.delete(socket)
      }
    }
    for (const socket of [client, engine]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
    client.pipe(engine)
    engine.on('data', (answer) => {
      if (!losing) {
        client.write(answer)
        return
      }
      losing = false
      lost++
      end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = (server.address() as AddressInfo).port
  return {
    url: url.replace(`:${port}`, `:${own}`),
    loseNextAnswer() {
      losing = true
    },
    lost: () => lost,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
