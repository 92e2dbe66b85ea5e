import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createLatchkey, type UploadOptions } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import { CASE_KEY, CASE_MOUNT } from '@latchkey/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { s3Storage } from '../engines/s3-storage.js'
import { useRadosgw } from '../engines/use-engine.js'
import { startProgram } from '../programs/program.js'

const MIB = 1024 ** 2
/** `LARGE_BYTES=5368709120` measures 5 GiB; the store wants `RADOSGW_STORE=bluestore RADOSGW_BYTES=12884901888` then. */
const SIZE = Number(process.env.LARGE_BYTES ?? 256 * MIB)
/** Two parts are 16 MiB of it, chunks that are sent and not collected yet about 30, the process and the SDK over 70. */
const MOST_MEMORY = 200 * MIB
const PATIENCE_MS = 60_000 + SIZE / 5000

const radosgw = useRadosgw()

describe('a server over a bucket', () => {
  it.each([
    ['on condition, of known length', {}, true],
    ['in parts, of unknown length', { allowOverwrite: true }, false],
  ] as const)(
    `takes and sends ${SIZE / MIB} MiB in less than ${MOST_MEMORY / MIB} MiB of memory: %s`,
    async (name, options, announced) => {
      const { bucket, prefix, close } = await s3Storage(radosgw())
      onTestFinished(close)
      const server = await startProgram('serving-s3', { url: radosgw().url, bucket, prefix })
      onTestFinished(() => server.kill())
      const origin = String(server.ready)
      const began = Date.now()
      const put = await upload(origin, options, announced)
      expect(put.statusCode).toBe(201)
      const stored = Date.now()
      for (const first of [0, SIZE / 2 - 7, SIZE - 1000]) {
        const reply = await download(origin, { range: `bytes=${first}-${first + 999}` })
        expect(reply.statusCode).toBe(206)
        expect(await checked(reply, first)).toBe(1000)
      }
      const whole = await download(origin)
      expect(await checked(whole, 0)).toBe(SIZE)
      const read = Date.now()
      const memory = await server.ask<number>('memory')
      const told = `${stored - began} ms up, ${read - stored} ms down, ${Math.round(memory / MIB)} MiB`
      console.log(`${SIZE / MIB} MiB ${name}: ${told}`)
      expect(memory).toBeLessThan(MOST_MEMORY)
    },
    PATIENCE_MS,
  )
})

const files = createLatchkey({ baseUrl: CASE_MOUNT, keys: [CASE_KEY], storage: memoryDriver() })

async function upload(origin: string, options: UploadOptions, announced: boolean): Promise<IncomingMessage> {
  const { url } = await files.signedUploadUrl('large.bin', { ...options, maxSize: '6gb' })
  const outgoing = request(origin + url, {
    method: 'PUT',
    headers: {
      'content-type': 'application/octet-stream',
      ...(announced && { 'content-length': String(SIZE) }),
    },
  })
  const answered = once(outgoing, 'response')
  await pipeline(blocks, outgoing)
  const [reply] = (await answered) as [IncomingMessage]
  reply.resume()
  return reply
}

async function download(origin: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const { url } = await files.signedUrl('large.bin')
  const [reply] = (await once(request(origin + url, { headers }).end(), 'response')) as [IncomingMessage]
  return reply
}

let made: { readonly first: number; readonly block: Buffer } | undefined

/** Every 8 bytes tell where they are. */
function blockAt(first: number): Buffer {
  if (made?.first === first) return made.block
  const block = Buffer.allocUnsafe(Math.min(MIB, SIZE - first))
  for (let at = 0; at < block.byteLength; at += 8) block.writeDoubleLE(first + at, at)
  made = { first, block }
  return block
}

async function* blocks(): AsyncGenerator<Buffer> {
  for (let first = 0; first < SIZE; first += MIB) yield blockAt(first)
}

/** How many bytes came, after each was compared. */
async function checked(reply: IncomingMessage, first: number): Promise<number> {
  let at = first
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    for (let done = 0; done < chunk.byteLength; ) {
      const begin = Math.floor((at + done) / MIB) * MIB
      const expected = blockAt(begin).subarray(at + done - begin)
      const count = Math.min(expected.byteLength, chunk.byteLength - done)
      if (!expected.subarray(0, count).equals(chunk.subarray(done, done + count))) throw new Error(`at ${at}`)
      done += count
    }
    at += chunk.byteLength
  }
  return at - first
}
