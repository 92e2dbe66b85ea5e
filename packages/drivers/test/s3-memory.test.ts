import { s3Driver } from '@latchkey/drivers/s3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { s3Client } from '../../../test/engines/s3-client.js'
import { s3Storage } from '../../../test/engines/s3-storage.js'
import { useRadosgw } from '../../../test/engines/use-engine.js'
import { bodyIn, CREATE_ONLY, MIB, PRIVATE } from './s3-bodies.js'

const radosgw = useRadosgw()
const PART = 5 * MIB
const CHUNK = MIB / 4
const SIZE = 8 * PART + 1

/** Chunks that each tell where they are. */
async function* numbered(taken: { bytes: number }): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < SIZE; first += CHUNK) {
    const chunk = Buffer.alloc(Math.min(CHUNK, SIZE - first), first / CHUNK)
    taken.bytes += chunk.byteLength
    yield chunk
  }
}

/** A client of the store that sends the bytes of no part before it is told to, and knows the memory of each. */
function heldClient() {
  const memory = new Set<ArrayBufferLike>()
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const client = s3Client(radosgw().url)
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (
          commandName === 'UploadPartCommand' &&
          'Body' in args.input &&
          ArrayBuffer.isView(args.input.Body)
        ) {
          if (args.input.Body.byteLength > 1) memory.add(args.input.Body.buffer)
          await released
        }
        return next(args)
      },
    { step: 'initialize' },
  )
  return { client, memory, release }
}

describe('an upload in parts', () => {
  it.each([
    ['of unknown length', PRIVATE],
    ['of known length', { ...PRIVATE, size: SIZE }],
    ['of unknown length, on condition', CREATE_ONLY],
  ])(
    'has two parts in memory while it waits for the store, and the same memory for all: %s',
    async (_name, options) => {
      const { bucket, prefix, close, driver: reader } = await s3Storage(radosgw())
      onTestFinished(close)
      // Whether the store checks conditions is found out once for a client, with a part of one byte.
      const { client, memory, release } = heldClient()
      const driver = s3Driver({ client, bucket, prefix, partSize: PART })
      const taken = { bytes: 0 }
      const writing = driver.write('a', numbered(taken), options)
      if ('precondition' in options) release()
      else {
        await vi.waitFor(() => expect(memory.size).toBe(2))
        await new Promise((resolve) => setTimeout(resolve, 200))
        expect(taken.bytes).toBe(2 * PART + CHUNK)
        release()
      }
      await writing
      expect(memory.size).toBe(2)
      let at = 0
      for await (const chunk of await bodyIn(reader, 'a')) {
        for (let done = 0; done < chunk.byteLength; ) {
          const end = Math.min(chunk.byteLength, done + CHUNK - ((at + done) % CHUNK))
          const byte = Math.floor((at + done) / CHUNK) % 256
          if (chunk.subarray(done, end).some((value) => value !== byte))
            throw new Error(`another byte near ${at + done}`)
          done = end
        }
        at += chunk.byteLength
      }
      expect(at).toBe(SIZE)
    },
  )
})
