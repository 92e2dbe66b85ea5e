import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { beforeEach, expect, test } from 'vitest'
import { SharedBytes } from '../src/index.js'
import { nodeBody, nodeStream, writeReply } from '../src/node/index.js'
import { get, serverThat } from './answering-server.js'

const LENGTH = 50_000
const whole = Buffer.alloc(LENGTH, 'x')
let releases = 0

beforeEach(() => {
  releases = 0
})

/** Memory that is overwritten when it is released: as if it were another download's at once. */
function reused(length = LENGTH): SharedBytes {
  const memory = Buffer.alloc(length, 'x')
  return new SharedBytes(memory, () => {
    releases++
    memory.fill(0)
  })
}

type Answer = (response: ServerResponse, body: SharedBytes, incoming: IncomingMessage) => unknown

const reply: Answer = (response, body, incoming) =>
  writeReply(
    { status: 200, headers: { 'content-length': String(body.byteLength) }, body },
    incoming,
    response,
  )

/** A hook that sees what is written, and keeps it. */
function keepWritten(target: { write: ServerResponse['write'] }, kept: Uint8Array[]): void {
  target.write = new Proxy(target.write, {
    apply(write, self, [chunk, ...rest]) {
      if (chunk.length >= LENGTH) kept.push(chunk)
      return Reflect.apply(write, self, [chunk, ...rest])
    },
  })
}

test.each<[string, Answer]>([
  ['a reply', reply],
  ['pipe', (response, body) => nodeStream(body).pipe(response)],
  ['pipeline', (response, body) => pipeline(nodeStream(body), response)],
  [
    'a pipe that leaves the end to others',
    (response, body) => {
      const stream = nodeStream(body)
      stream.pipe(response, { end: false })
      stream.once('end', () => response.end())
    },
  ],
])('by %s into a plain response the memory is given back once, when it has gone out', async (_, answer) => {
  const port = await serverThat((response, incoming) => void answer(response, reused(), incoming))
  expect((await get(port)).equals(whole)).toBe(true)
  await expect.poll(() => releases).toBe(1)
})

test('what the client has not taken yet is not given back', async () => {
  const length = 64 * 1024 * 1024
  const port = await serverThat((response, incoming) => void reply(response, reused(length), incoming))
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'))
  await new Promise((resolve) => socket.once('readable', resolve))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(releases).toBe(0)
  let got = 0
  for await (const part of socket) {
    got += (part as Buffer).length
    // Were it given back too early, these would be zeros.
    expect((part as Buffer).at(-1)).toBe('x'.charCodeAt(0))
    if (got > length) break
  }
  await expect.poll(() => releases).toBe(1)
})

test.each<[string, Answer]>([
  ['a reply', reply],
  ['a stream', (response, body) => nodeStream(body).pipe(response)],
])('after %s to a client that goes away it is not given back', async (_, answer) => {
  let closed = false
  const port = await serverThat((response, incoming) => {
    response.once('close', () => {
      closed = true
    })
    answer(response, reused(64 * 1024 * 1024), incoming)
  })
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'))
  await new Promise((resolve) => socket.once('readable', resolve))
  socket.destroy()
  await expect.poll(() => closed).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(releases).toBe(0)
})

test.each<[string, (kept: Uint8Array[]) => Answer]>([
  [
    'a transform',
    (kept) => (response, body) =>
      nodeStream(body)
        .pipe(new PassThrough().on('data', (chunk) => kept.push(chunk)))
        .pipe(response),
  ],
  [
    'a hook in the response',
    (kept) => (response, body) => {
      keepWritten(response, kept)
      nodeStream(body).pipe(response)
    },
  ],
  [
    'a hook in the response that is replied to',
    (kept) => (response, body, incoming) => {
      const end = response.end
      response.end = new Proxy(end, {
        apply(act, self, [chunk, ...rest]) {
          kept.push(chunk)
          return Reflect.apply(act, self, [chunk, ...rest])
        },
      })
      reply(response, body, incoming)
    },
  ],
  [
    'a hook in the socket',
    (kept) => (response, body) => {
      if (response.socket !== null) keepWritten(response.socket, kept)
      nodeStream(body).pipe(response)
    },
  ],
  [
    'a listener',
    (kept) => (response, body) => {
      const stream = nodeStream(body)
      stream.pipe(response)
      stream.on('data', (chunk) => kept.push(chunk))
    },
  ],
])('what %s keeps stays as it is', async (_, answer) => {
  const kept: Uint8Array[] = []
  const port = await serverThat((response, incoming) => void answer(kept)(response, reused(), incoming))
  expect((await get(port)).equals(whole)).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(kept.length).toBeGreaterThan(0)
  for (const chunk of kept) expect([...new Set(chunk)]).toContain('x'.charCodeAt(0))
  for (const chunk of kept.filter(({ length }) => length === LENGTH)) expect(whole.equals(chunk)).toBe(true)
})

test('a Buffer that a framework gets is its own', () => {
  const body = reused(1000)
  const given = nodeBody(body)
  body.release()
  expect(given).toEqual(Buffer.alloc(1000, 'x'))
})
