import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { MessagePort, markAsUntransferable } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Bytes, createLatchkey, RELEASE, type StorageDriver } from '../src/index.js'
import { freeMemory } from '../src/node/free-memory.js'
import { gateRequest } from '../src/node/index.js'
import { BODY, bodyOf, received, SIZE } from './body-server.js'

/** What a body gave, and the lengths of the same chunks after each was given back. */
interface Reading {
  readonly bytes: Buffer
  readonly lengths: readonly number[]
}

async function readGivingBack(body: Bytes | null): Promise<Reading> {
  const copies: Buffer[] = []
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) {
    copies.push(Buffer.from(chunk))
    body?.[RELEASE]?.(chunk)
    chunks.push(chunk)
  }
  return { bytes: Buffer.concat(copies), lengths: chunks.map(({ byteLength }) => byteLength) }
}

test('a chunk that is given back is freed', async () => {
  const { bytes, lengths } = await received((incoming) => readGivingBack(bodyOf(incoming)))
  expect(bytes.equals(BODY)).toBe(true)
  expect(lengths.length).toBeGreaterThan(4)
  // A short last one is not worth it.
  expect(lengths.slice(0, -1)).toEqual(lengths.slice(0, -1).map(() => 0))
})

test('a storage that gives the chunks of an upload back frees those of the request', async () => {
  let reading: Reading | undefined
  const storage: StorageDriver = {
    capabilities: { ranges: true, conditionalWrites: true, metadata: true },
    stat: async () => null,
    open: async () => null,
    delete: async () => false,
    async write(_key, body, { contentType, visibility }) {
      reading = await readGivingBack(body)
      const stat = { size: SIZE, etag: '"1"', lastModified: new Date(), contentType, visibility }
      return { created: true, stat }
    },
  }
  const files = createLatchkey({
    baseUrl: '/files',
    keys: [{ id: 'k1', secret: 'a secret of the tests, of 32 bytes' }],
    storage,
  })
  const { url } = await files.signedUploadUrl('a.bin', { maxSize: SIZE })
  const { bytes, lengths } = await received(async (incoming) => {
    await files.handle(gateRequest(incoming, url.slice('/files'.length)))
    return reading ?? { bytes: Buffer.alloc(0), lengths: [] }
  })
  expect(bytes.equals(BODY)).toBe(true)
  expect(lengths.filter((length) => length === 0).length).toBeGreaterThan(4)
})

const kept: Uint8Array[] = []
const keep = (chunk: Uint8Array) => void kept.push(chunk)

const listeners: readonly [string, (incoming: IncomingMessage) => void][] = [
  ['a listener', (incoming) => incoming.on('data', keep)],
  ['a listener for one chunk', (incoming) => incoming.once('data', keep)],
  ['a pipe', (incoming) => incoming.pipe(new PassThrough().on('data', keep))],
  ['a reader that is told when there is something', (incoming) => incoming.on('readable', () => {})],
]

test.each(listeners)('nothing is freed that %s may have kept, from the beginning', async (_, watch) => {
  await expectNothingFreed((incoming) => {
    watch(incoming)
    return readGivingBack(bodyOf(incoming))
  })
})

test.each(listeners)('nothing is freed that %s may have kept, after a chunk', async (_, watch) => {
  await expectNothingFreed(async (incoming) => {
    const body = bodyOf(incoming)
    const { value: first } = (await body?.[Symbol.asyncIterator]().next()) ?? {}
    watch(incoming)
    body?.[RELEASE]?.(first)
    const rest = await readGivingBack(body)
    return { ...rest, lengths: [first.byteLength, ...rest.lengths] }
  })
})

async function expectNothingFreed(read: (incoming: IncomingMessage) => Promise<Reading>): Promise<void> {
  kept.length = 0
  const { lengths } = await received(read)
  expect(lengths.length).toBeGreaterThan(0)
  expect(lengths.every((length) => length > 0)).toBe(true)
  expect(kept.every(({ byteLength }) => byteLength > 0)).toBe(true)
}

test.each<[string, (incoming: IncomingMessage) => void]>([
  [
    'a hook in on',
    (incoming) => {
      incoming.on = new Proxy(incoming.on, {})
    },
  ],
  [
    'a hook in addListener',
    (incoming) => {
      incoming.addListener = new Proxy(incoming.addListener, {})
    },
  ],
  [
    'a hook in emit',
    (incoming) => {
      incoming.emit = new Proxy(incoming.emit, {})
    },
  ],
  [
    'a hook in read',
    (incoming) => {
      incoming.read = new Proxy(incoming.read, {
        apply(read, self, args) {
          const chunk = Reflect.apply(read, self, args)
          if (chunk !== null) keep(chunk)
          return chunk
        },
      })
    },
  ],
  [
    'a hook in push',
    (incoming) => {
      incoming.push = new Proxy(incoming.push, {
        apply(push, self, [chunk, ...rest]) {
          if (chunk !== null) keep(chunk)
          return Reflect.apply(push, self, [chunk, ...rest])
        },
      })
    },
  ],
  [
    'a hook in unshift',
    (incoming) => {
      incoming.unshift = new Proxy(incoming.unshift, {})
    },
  ],
  [
    'a hook in each request',
    (incoming) => {
      const { push } = IncomingMessage.prototype
      IncomingMessage.prototype.push = new Proxy(push, {})
      incoming.once('close', () => {
        IncomingMessage.prototype.push = push
      })
    },
  ],
])('nothing is freed that %s may have kept', async (_, watch) => {
  await expectNothingFreed((incoming) => {
    watch(incoming)
    return readGivingBack(bodyOf(incoming))
  })
})

test('nothing is freed of what another stream yields, though it has a connection', async () => {
  await expectNothingFreed(({ socket }) => {
    const stream = Object.assign(new PassThrough(), { socket, headers: { 'transfer-encoding': 'chunked' } })
    stream.end(Buffer.alloc(65_536))
    return readGivingBack(bodyOf(stream as never))
  })
})

test('nothing is freed of a request of which something was read before', async () => {
  await expectNothingFreed(async (incoming) => {
    await new Promise((resolve) => incoming.once('readable', resolve))
    keep(incoming.read())
    incoming.unshift(kept[0])
    return readGivingBack(bodyOf(incoming))
  })
})

/** As programs have it that answer requests without a server, such as Fastify's `inject`. */
class NoSocket extends PassThrough {
  readonly bytesRead = 1
}

test.each<[string, () => IncomingMessage]>([
  ['over what is no connection', () => new IncomingMessage(new NoSocket() as never)],
  ['over a connection that has brought nothing', () => new IncomingMessage(new Socket())],
])('nothing is freed of a request that somebody made up, %s', async (_, make) => {
  const own = Buffer.alloc(100_000, 1)
  const incoming = make()
  incoming.headers['content-length'] = String(own.byteLength)
  incoming.push(own)
  incoming.push(null)
  await readGivingBack(bodyOf(incoming))
  expect(own.byteLength).toBe(100_000)
})

test('memory that may not be transferred stays, and nothing fails', () => {
  const chunk = Buffer.allocUnsafeSlow(65_536)
  const refusing = vi.spyOn(MessagePort.prototype, 'postMessage').mockImplementation(() => {
    throw new DOMException('Value not transferable', 'DataCloneError')
  })
  onTestFinished(() => refusing.mockRestore())
  expect(() => freeMemory(chunk)).not.toThrow()
  expect(refusing).toHaveBeenCalledTimes(1)
  expect(chunk.byteLength).toBe(65_536)
})

test('freeing takes a chunk that has its memory alone, and no other', () => {
  const alone = Buffer.allocUnsafeSlow(65_536)
  freeMemory(alone)
  expect(alone.byteLength).toBe(0)
  expect(() => freeMemory(alone)).not.toThrow()

  const memory = Buffer.allocUnsafeSlow(65_536)
  const marked = Buffer.allocUnsafeSlow(65_536)
  markAsUntransferable(marked.buffer)
  const shared = new Uint8Array(new SharedArrayBuffer(65_536))
  for (const chunk of [memory.subarray(1), memory.subarray(0, 65_535), marked, shared, Buffer.alloc(100)]) {
    const { byteLength } = chunk
    freeMemory(chunk)
    expect(chunk.byteLength).toBe(byteLength)
  }
})
