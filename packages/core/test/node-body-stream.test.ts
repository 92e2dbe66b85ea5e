import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { Duplex, PassThrough, Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { RELEASE, type ReusableChunk } from '../src/index.js'
import { BodyStream } from '../src/node/body-stream.js'
import { get, serverThat } from './answering-server.js'
import { ChunkSource } from './chunk-source.js'

const LENGTH = 200_000

/** Chunks that say how often they were released, and are overwritten when they are: as in a pool, but at once. */
class Source extends ChunkSource {
  readonly released: number[] = []

  chunkAt(at: number): Uint8Array {
    const chunk: ReusableChunk = Buffer.alloc(LENGTH, at + 1)
    this.released[at] = 0
    chunk[RELEASE] = () => {
      this.released[at] = (this.released[at] ?? 0) + 1
      chunk.fill(0)
    }
    return chunk
  }
}

const whole = (count: number) =>
  Buffer.concat(Array.from({ length: count }, (_, at) => Buffer.alloc(LENGTH, at + 1)))

/** What a client gets, and what became of the chunks. */
async function sent(answer: (body: BodyStream, response: ServerResponse) => void) {
  const source = new Source(6)
  const port = await serverThat((response) => answer(new BodyStream(source), response))
  return { bytes: await get(port), source }
}

test.each([
  ['pipe', (body: BodyStream, response: ServerResponse) => body.pipe(response)],
  ['pipeline', (body: BodyStream, response: ServerResponse) => pipeline(body, response)],
])('with %s into a response each chunk is released once, when it has gone out', async (_, answer) => {
  const { bytes, source } = await sent(answer)
  expect(bytes.equals(whole(6))).toBe(true)
  await expect.poll(() => source.released).toEqual([1, 1, 1, 1, 1, 1])
})

test('it ends the response once, or leaves that to whoever said so', async () => {
  const { bytes } = await sent((body, response) => {
    body.pipe(response, { end: false })
    body.once('end', () => setImmediate(() => response.end('the end')))
  })
  expect(bytes.subarray(-7).toString()).toBe('the end')
  expect(bytes.length).toBe(6 * LENGTH + 7)
})

const kept: Uint8Array[] = []
const keep = (chunk: Uint8Array) => kept.push(chunk)

/** A hook that sees what is written, and keeps it. */
function keepWritten(target: Writable): void {
  target.write = new Proxy(target.write, {
    apply(write, self, [chunk, ...rest]) {
      if (chunk.length === LENGTH) keep(chunk)
      return Reflect.apply(write, self, [chunk, ...rest])
    },
  })
}

test.each<[string, (body: BodyStream, response: ServerResponse) => void]>([
  ['a transform', (body, response) => body.pipe(new PassThrough().on('data', keep)).pipe(response)],
  [
    'a hook in the response',
    (body, response) => {
      keepWritten(response)
      body.pipe(response)
    },
  ],
  [
    'a hook in the socket',
    (body, response) => {
      if (response.socket !== null) keepWritten(response.socket)
      body.pipe(response)
    },
  ],
  ['a listener', (body, response) => body.on('data', keep).pipe(response)],
  ['a listener that came later', (body, response) => body.pipe(response) && body.on('data', keep)],
  ['a listener for the first chunk', (body, response) => body.once('data', keep).pipe(response)],
  [
    'a reader that is told when there is something',
    (body, response) => {
      body.pipe(response)
      body.on('readable', () => {
        for (let chunk = body.read(); chunk !== null; chunk = body.read()) keep(chunk)
      })
    },
  ],
  [
    'a second destination',
    (body, response) => {
      body.pipe(response)
      body.pipe(new PassThrough().on('data', keep))
    },
  ],
])('nothing is released that %s may have kept', async (_, answer) => {
  kept.length = 0
  const { bytes, source } = await sent(answer)
  expect(bytes.equals(whole(6))).toBe(true)
  expect(kept.length).toBeGreaterThan(0)
  for (const [at, chunk] of kept.entries()) {
    if (chunk.length === LENGTH) expect(chunk[0], `chunk ${at}`).toBeGreaterThan(0)
  }
  expect(source.released.every((times) => times === 0)).toBe(true)
})

test('from when a hook is there, nothing is released any more', async () => {
  kept.length = 0
  const { bytes, source } = await sent((body, response) => {
    body.pipe(response)
    response.once('drain', () => keepWritten(response))
  })
  expect(bytes.equals(whole(6))).toBe(true)
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.every((chunk) => (chunk[0] ?? 0) > 0)).toBe(true)
  expect(source.released.slice(-kept.length).every((times) => times === 0)).toBe(true)
})

test('a connection that is no socket of the system gets each chunk to keep', async () => {
  const source = new Source(6)
  const arrived: Buffer[] = []
  const tunnel = new Duplex({
    read() {},
    // As one that sends later: it has the chunk, and says that more may come.
    write(chunk, _encoding, done) {
      arrived.push(chunk)
      done()
    },
  })
  const server = createServer((_, response) => void new BodyStream(source).pipe(response))
  onTestFinished(() => void tunnel.destroy())
  server.emit('connection', tunnel)
  tunnel.push('GET / HTTP/1.0\r\n\r\n')
  await expect.poll(() => Buffer.concat(arrived).length).toBeGreaterThan(6 * LENGTH)
  expect(
    Buffer.concat(arrived)
      .subarray(-6 * LENGTH)
      .equals(whole(6)),
  ).toBe(true)
  expect(source.released.every((times) => times === 0)).toBe(true)
})

test('who iterates, or compresses, gets each chunk to keep', async () => {
  const iterated = new Source(3)
  const parts: Uint8Array[] = []
  for await (const part of new BodyStream(iterated)) parts.push(part as Uint8Array)
  expect(Buffer.concat(parts).equals(whole(3))).toBe(true)
  const zipped = new Source(3)
  const gzip = createGzip()
  gzip.resume()
  await pipeline(new BodyStream(zipped), gzip)
  expect([...iterated.released, ...zipped.released]).toEqual([0, 0, 0, 0, 0, 0])
})

test('one chunk is asked for at a time, however slow the client', async () => {
  const source = new Source(200)
  const port = await serverThat((response) => void new BodyStream(source).pipe(response))
  const reply = await new Promise<IncomingMessage>((resolve) => {
    request({ port, agent: false }, resolve).end()
  })
  await new Promise((resolve) => setTimeout(resolve, 200))
  const unreleased = source.released.filter((times) => times === 0).length
  expect(source.asked).toBeLessThan(200)
  expect(unreleased).toBeLessThanOrEqual(2)
  reply.destroy()
})

test('a client that goes away ends the source, and what is on its way is not released', async () => {
  const source = new Source(1000)
  let failed = 0
  const port = await serverThat((response) => {
    pipeline(new BodyStream(source), response).catch(() => {
      failed++
    })
  })
  const reply = await new Promise<IncomingMessage>((resolve) => {
    request({ port, agent: false }, resolve).end()
  })
  await new Promise((resolve) => setTimeout(resolve, 200))
  reply.destroy()
  await expect.poll(() => source.closed).toBe(1)
  expect(failed).toBe(1)
  expect(source.released.at(-1)).toBe(0)
  expect(Math.max(...source.released)).toBe(1)
})

test('a response that closes lets go of it', async () => {
  const body = new BodyStream(new Source(1000))
  const port = await serverThat((response) => void body.pipe(response))
  const reply = await new Promise<IncomingMessage>((resolve) => {
    request({ port, agent: false }, resolve).end()
  })
  expect(body.listenerCount('data')).toBe(1)
  reply.destroy()
  await expect.poll(() => body.listenerCount('data')).toBe(0)
  expect(body.isPaused()).toBe(true)
})

test('what goes into two responses is released by neither', async () => {
  const source = new Source(6)
  const body = new BodyStream(source)
  const responses: ServerResponse[] = []
  const port = await serverThat((response) => {
    responses.push(response)
    if (responses.length === 2) for (const each of responses) body.pipe(each)
  })
  const [one, two] = await Promise.all([get(port), get(port)])
  expect(one.equals(whole(6)) && two.equals(whole(6))).toBe(true)
  expect(source.released.every((times) => times === 0)).toBe(true)
})

test.each([10, undefined])(
  'a source that throws breaks the response, its length being %s',
  async (length) => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10)
      throw new Error('the disk is gone')
    }
    const port = await serverThat((response) => {
      if (length !== undefined) response.setHeader('content-length', length + 1)
      pipeline(new BodyStream(broken()), response).catch(() => {})
    })
    await expect(get(port)).rejects.toThrow()
  },
)

test('unpipe of another destination leaves it alone', async () => {
  const { bytes } = await sent((body, response) => {
    body.pipe(response)
    body.unpipe(new PassThrough())
  })
  expect(bytes.equals(whole(6))).toBe(true)
})

test('unpipe stops it, and it can be read on', async () => {
  const source = new Source(4)
  const body = new BodyStream(source)
  const port = await serverThat((response) => {
    body.pipe(response)
    body.unpipe(response)
    setTimeout(() => response.end('nothing'), 50)
  })
  expect((await get(port)).toString()).toBe('nothing')
  expect(body.isPaused()).toBe(true)
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part as Uint8Array)
  expect(Buffer.concat(parts).equals(whole(4))).toBe(true)
})

test('a chunk of a stream that is none of ours is like any other', async () => {
  const port = await serverThat((response) => void Readable.from([Buffer.from('abc')]).pipe(response))
  expect((await get(port)).toString()).toBe('abc')
})
