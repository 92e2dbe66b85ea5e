import { randomFillSync } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Bytes } from '../src/index.js'
import { BODY, bodyOf, received } from './body-server.js'

const LARGE = randomFillSync(Buffer.alloc(64 * 1024 * 1024))
// What waits in the process itself; of what is in the kernel's buffers it has read nothing.
const MOST_READ_AHEAD = 1024 * 1024

async function collect(body: Bytes | null): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Waits until a connection brings no more, or for so long as a fast client takes for all. */
async function untilStill({ socket }: IncomingMessage): Promise<number> {
  let before = -1
  for (let look = 0; look < 40 && socket.bytesRead !== before; look++) {
    before = socket.bytesRead
    await sleep(50)
  }
  return socket.bytesRead
}

test('a client waits while nobody takes what it sends, at the beginning and later', async () => {
  await received(
    async (incoming) => {
      const body = bodyOf(incoming)
      const iterator = body?.[Symbol.asyncIterator]()
      expect(await untilStill(incoming)).toBeLessThan(MOST_READ_AHEAD)
      const taken: Uint8Array[] = []
      for (let chunks = 0; chunks < 40; chunks++) taken.push((await iterator?.next())?.value)
      const before = incoming.socket.bytesRead
      expect((await untilStill(incoming)) - before).toBeLessThan(MOST_READ_AHEAD)
      const all = Buffer.concat([...taken, await collect(body)])
      expect(all.equals(LARGE)).toBe(true)
    },
    (outgoing) => outgoing.end(LARGE),
  )
})

test('text that a hook made of the bytes makes a client wait as they do', async () => {
  await received(
    async (incoming) => {
      incoming.setEncoding('latin1')
      await bodyOf(incoming)?.[Symbol.asyncIterator]().next()
      expect(await untilStill(incoming)).toBeLessThan(2 * MOST_READ_AHEAD)
    },
    (outgoing) => outgoing.end(LARGE),
  )
})

const others: readonly [string, (incoming: IncomingMessage) => void][] = [
  ['is paused', (incoming) => incoming.pause()],
  ['is paused again and again', (incoming) => incoming.on('resume', () => incoming.pause())],
  ['has somebody told when there is something', (incoming) => incoming.on('readable', () => {})],
  ['has somebody listening to its bytes', (incoming) => incoming.on('data', () => {})],
]

test.each(others)('a request that %s is read whole', async (_, meddle) => {
  await received(async (incoming) => {
    meddle(incoming)
    expect((await collect(bodyOf(incoming))).equals(BODY)).toBe(true)
  })
})

test.each(others)('a request that %s after a chunk is read whole', async (_, meddle) => {
  await received(async (incoming) => {
    const body = bodyOf(incoming)
    const { value: first } = (await body?.[Symbol.asyncIterator]().next()) ?? {}
    meddle(incoming)
    expect(Buffer.concat([first, await collect(body)]).equals(BODY)).toBe(true)
  })
})

test('a request that is paused while its next chunk is waited for goes on', async () => {
  await received(
    async (incoming) => {
      const body = bodyOf(incoming)
      const iterator = body?.[Symbol.asyncIterator]()
      const first = (await iterator?.next())?.value
      const second = iterator?.next()
      incoming.pause()
      incoming.socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      expect(Buffer.concat([first, (await second)?.value, await collect(body)]).toString()).toBe(
        'first, second',
      )
    },
    (outgoing) => {
      outgoing.write('first, ')
      outgoing.once('continue', () => outgoing.end('second'))
    },
  )
})

test('chunks that are asked for at once come in their order, and the end to all that ask', async () => {
  await received(
    async (incoming) => {
      const iterator = bodyOf(incoming)?.[Symbol.asyncIterator]()
      const asked = Array.from({ length: 4 }, () => iterator?.next())
      const results = await Promise.all(asked)
      const text = results.map((result) => Buffer.from(result?.value ?? []).toString()).join('')
      expect(text).toBe('one body')
      expect(results.at(-1)?.done).toBe(true)
      expect((await iterator?.next())?.done).toBe(true)
    },
    (outgoing) => outgoing.end('one body'),
  )
})

test('a request that breaks off says so to who waits, or asks later, once', async () => {
  for (const isWaiting of [true, false]) {
    await received(
      async (incoming) => {
        const iterator = bodyOf(incoming)?.[Symbol.asyncIterator]()
        await iterator?.next()
        const waiting = isWaiting ? iterator?.next() : undefined
        const closed = new Promise((resolve) => incoming.once('close', resolve))
        incoming.socket.destroy()
        await closed
        await expect(waiting ?? iterator?.next()).rejects.toMatchObject({ code: 'ECONNRESET' })
        expect((await iterator?.next())?.done).toBe(true)
      },
      (outgoing) => {
        outgoing.setHeader('content-length', 100)
        outgoing.write('some')
      },
    )
  }
})

test('a request that is over before it is looked at ends, or says that it broke off', async () => {
  await received(async (incoming) => {
    await incoming.resume().toArray()
    expect(await collect(bodyOf(incoming))).toHaveLength(0)
  })
  await received(
    async (incoming) => {
      const body = bodyOf(incoming)
      const closed = new Promise((resolve) => incoming.once('close', resolve))
      incoming.destroy()
      await closed
      await expect(collect(body)).rejects.toThrow()
    },
    (outgoing) => void outgoing.write('some'),
  )
})
