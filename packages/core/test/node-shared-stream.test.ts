import { createServer, type ServerResponse } from 'node:http'
import { Duplex, PassThrough, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { SharedBytes } from '../src/index.js'
import { writeReply } from '../src/node/index.js'
import { SharedStream } from '../src/node/shared-stream.js'
import { get, serverThat } from './answering-server.js'

const memory = Buffer.alloc(100_000)
const text = 'what others read, too '.repeat(4000)
let given: Uint8Array[] = []

/** Tells apart who got the memory and who a copy. */
class WatchedBytes extends SharedBytes {
  override copy(): Uint8Array {
    const copy = super.copy()
    given.push(copy)
    return copy
  }

  override lend(): Uint8Array {
    const lent = super.lend()
    given.push(lent)
    return lent
  }
}

const body = () => new WatchedBytes(memory)
const isTheMemory = () => given.map((bytes) => bytes === memory)

beforeEach(() => {
  given = []
  memory.fill(text)
})

type Answer = (stream: SharedStream, response: ServerResponse) => unknown

async function sent(answer: Answer): Promise<string> {
  const port = await serverThat((response) => void answer(new SharedStream(body()), response))
  return (await get(port)).toString()
}

const whole = () => memory.toString()

/** A hook that overwrites what it sees. */
function overwrite(target: Writable, name: 'end' | 'write'): void {
  const act = target[name] as (...args: unknown[]) => unknown
  Object.defineProperty(target, name, {
    value(chunk: unknown, ...rest: unknown[]) {
      if (!(chunk instanceof Uint8Array) || chunk.length !== memory.length)
        return act.call(this, chunk, ...rest)
      const passed = Buffer.from(chunk)
      chunk.fill(0)
      return act.call(this, passed, ...rest)
    },
  })
}

test.each<[string, Answer]>([
  ['pipe', (stream, response) => stream.pipe(response)],
  ['pipeline', (stream, response) => pipeline(stream, response)],
  [
    'a pipe that leaves the end to others',
    (stream, response) => {
      stream.pipe(response, { end: false })
      stream.once('end', () => response.end())
    },
  ],
])('by %s into a response the memory goes out as it is', async (_, answer) => {
  expect(await sent(answer)).toBe(whole())
  expect(isTheMemory()).toEqual([true])
})

test.each<[string, Answer]>([
  [
    'a transform',
    (stream, response) => stream.pipe(new PassThrough().on('data', (part) => part.fill(0))).pipe(response),
  ],
  [
    'a hook in the response’s end',
    (stream, response) => {
      overwrite(response, 'end')
      stream.pipe(response)
    },
  ],
  [
    'a hook in the response’s write',
    (stream, response) => {
      overwrite(response, 'write')
      stream.pipe(response)
    },
  ],
  [
    'a hook in the socket',
    (stream, response) => {
      if (response.socket !== null) overwrite(response.socket, 'write')
      stream.pipe(response)
    },
  ],
  [
    'a hook that comes right after',
    (stream, response) => {
      stream.pipe(response)
      overwrite(response, 'end')
      overwrite(response, 'write')
    },
  ],
  [
    'a compression',
    (stream, response) => {
      const gzip = createGzip()
      gzip.resume()
      return pipeline(stream, gzip).then(() => response.end())
    },
  ],
])('%s gets a copy, and may overwrite it', async (_, answer) => {
  await sent(answer)
  expect(isTheMemory()).toEqual([false])
  expect(whole()).toBe(text.repeat(2).slice(0, 100_000))
})

test('whoever listens as well gets a copy, and the response the memory', async () => {
  const heard: Buffer[] = []
  const listening: Answer = (stream, response) => {
    stream.pipe(response)
    stream.on('data', (chunk) => heard.push(chunk))
  }
  expect(await sent(listening)).toBe(whole())
  await expect.poll(() => Buffer.concat(heard).toString()).toBe(whole())
  expect(isTheMemory()).toEqual([true, false])
})

test('a second response gets a copy', async () => {
  const stream = new SharedStream(body())
  const responses: ServerResponse[] = []
  const port = await serverThat((response) => {
    responses.push(response)
    if (responses.length === 2) for (const each of responses) stream.pipe(each)
  })
  const both = await Promise.all([get(port), get(port)])
  expect(both.map(String)).toEqual([whole(), whole()])
  expect(isTheMemory().sort()).toEqual([false, true])
})

test('a connection that is no socket of the system gets a copy', async () => {
  const arrived: Buffer[] = []
  const tunnel = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      arrived.push(Buffer.from(chunk))
      chunk.fill(0)
      done()
    },
  })
  const server = createServer((_, response) => void new SharedStream(body()).pipe(response))
  server.emit('connection', tunnel)
  tunnel.push('GET / HTTP/1.0\r\n\r\n')
  await expect.poll(() => Buffer.concat(arrived).toString()).toContain(whole())
  tunnel.destroy()
  expect(isTheMemory()).toEqual([false])
})

test('unpipe in the same turn sends nothing, and it can be read on', async () => {
  const stream = new SharedStream(body())
  const port = await serverThat((response) => {
    stream.pipe(response)
    stream.unpipe(response)
    setTimeout(() => response.end('nothing'), 50)
  })
  expect((await get(port)).toString()).toBe('nothing')
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part as Uint8Array)
  expect(Buffer.concat(parts).toString()).toBe(whole())
  expect(isTheMemory()).toEqual([false])
})

test('one that is destroyed sends nothing, and it ends for whoever waits for that', async () => {
  const port = await serverThat((response) => {
    const stream = new SharedStream(body())
    stream.pipe(response)
    stream.destroy()
    stream.once('close', () => response.end('nothing'))
  })
  expect((await get(port)).toString()).toBe('nothing')
  expect(given).toEqual([])
})

test('no bytes are an empty body', async () => {
  const port = await serverThat(
    (response) => void new SharedStream(new SharedBytes(new Uint8Array(0))).pipe(response),
  )
  expect((await get(port)).length).toBe(0)
})

test.each([
  ['plain', false, true],
  ['one whose end has a hook', true, false],
])('a reply of shared bytes to a response that is %s', async (_, isHooked, isLent) => {
  const port = await serverThat((response) => {
    if (isHooked) overwrite(response, 'end')
    writeReply({ status: 200, headers: {}, body: body() }, response.req, response)
  })
  expect((await get(port)).toString()).toBe(text.repeat(2).slice(0, 100_000))
  expect(isTheMemory()).toEqual([isLent])
  expect(whole()).toBe(text.repeat(2).slice(0, 100_000))
})
