import { once } from 'node:events'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type Bytes, SharedBytes } from '../src/index.js'
import { writeReply } from '../src/node/outgoing.js'
import { get, replyFrom, serverThat } from './answering-server.js'
import { ChunkSource } from './chunk-source.js'

const CHUNK = Buffer.alloc(200_000, 'x')

/** Does something before each chunk. */
class Source extends ChunkSource {
  readonly #before: (at: number) => void
  readonly #chunk: Uint8Array

  constructor(count: number, before: (at: number) => void = () => {}, chunk: Uint8Array = CHUNK) {
    super(count)
    this.#before = before
    this.#chunk = chunk
  }

  chunkAt(at: number): Uint8Array {
    this.#before(at)
    return Buffer.from(this.#chunk)
  }
}

function write(body: Bytes, incoming: IncomingMessage, response: ServerResponse): void {
  writeReply({ status: 200, headers: { 'content-type': 'text/plain' }, body }, incoming, response)
}

test.each([
  ['chunk by chunk', () => new Source(5), 5],
  ['from memory', () => new SharedBytes(CHUNK), 1],
])('a body is sent whole, %s, and its connection serves the next request', async (_, bodyOf, chunks) => {
  const port = await serverThat((response, incoming) => write(bodyOf(), incoming, response))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  for (const isReused of [false, true]) {
    const asking = request({ port, agent }).end()
    const [reply] = (await once(asking, 'response')) as [IncomingMessage]
    expect(asking.reusedSocket).toBe(isReused)
    expect(await buffer(reply)).toHaveLength(chunks * CHUNK.byteLength)
    // The socket is free again a moment later, and so is closed by then if it is closed at all.
    await sleep(20)
  }
})

/** Does something as soon as bytes of a body wait for a client that does not read yet; gives what the client gets. */
async function sentToSlowClient(atWait: (source: Source, response: ServerResponse) => void) {
  let source = new Source(0)
  let waits = false
  const port = await serverThat((response, incoming) => {
    const before = () => {
      if (waits || response.socket?.writableLength === 0) return
      waits = true
      atWait(source, response)
    }
    source = new Source(1_000_000, before, CHUNK.subarray(0, 1000))
    write(source, incoming, response)
  })
  const reply = await replyFrom(port)
  await expect.poll(() => waits).toBe(true)
  // So that what the server does next is done.
  await sleep(50)
  return { source, bytes: await buffer(reply) }
}

test('a response is not cut short whose last bytes wait for the client', async () => {
  const { source, bytes } = await sentToSlowClient((body) => {
    // This chunk and one more.
    body.count = body.asked + 1
  })
  expect(bytes).toHaveLength(source.asked * 1000)
})

test('a response that somebody else ends closes the body, and no later chunk fails unheard', async () => {
  const { source } = await sentToSlowClient((_, response) => response.end())
  await expect.poll(() => source.closed).toBe(1)
})

test('a body that fails after its first bytes cannot be taken for a whole one', async () => {
  const source = new Source(3, (at) => {
    if (at === 1) throw new Error('the disk is gone')
  })
  const port = await serverThat((response, incoming) => write(source, incoming, response))
  await expect(get(port)).rejects.toThrow(/aborted/)
})

test('a response that somebody destroys closes the body, and no later chunk fails unheard', async () => {
  let response: ServerResponse | undefined
  const source = new Source(3, (at) => {
    if (at === 1) response?.destroy()
  })
  const port = await serverThat((outgoing, incoming) => {
    response = outgoing
    write(source, incoming, outgoing)
  })
  await expect(get(port)).rejects.toThrow(/aborted|hang up/)
  await expect.poll(() => source.closed).toBe(1)
})

test('a client that goes away closes the body', async () => {
  const source = new Source(10_000)
  const port = await serverThat((response, incoming) => write(source, incoming, response))
  const reply = await replyFrom(port)
  reply.destroy()
  await expect.poll(() => source.closed).toBe(1)
  expect(source.asked).toBeLessThan(10_000)
})

test('a response that is gone before anything was sent closes the body', async () => {
  const source = new Source(3)
  const port = await serverThat((response, incoming) => {
    response.destroy()
    write(source, incoming, response)
  })
  await expect(get(port)).rejects.toThrow(/hang up/)
  await expect.poll(() => source.closed).toBe(1)
  expect(source.asked).toBe(0)
})

test('a stream that an app’s hook destroys without an error breaks the response', async () => {
  const port = await serverThat((response, incoming) => {
    response.once('pipe', (stream: { destroy(): void }) => setTimeout(() => stream.destroy(), 20))
    write(new Source(100_000), incoming, response)
  })
  await expect(get(port)).rejects.toThrow(/aborted/)
})
