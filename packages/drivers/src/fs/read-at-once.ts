import { RELEASE, SharedBytes } from '@latchkey/core'
import { ChunkPool } from './chunk-pool.js'
import type { FileLease } from './file-handle.js'
import { fill } from './fill.js'
import { SMALL_BYTES } from './known-objects.js'

/** Up to this, an array of its own costs less than to give it back. */
const OWN_BYTES = 16 * 1024

/**
 * Memory for what is read at once. It lies outside V8's heap and counts as pressure there: with new memory for each read, V8
 * collects the whole heap again and again, and throws away and compiles anew what the server runs.
 */
const pool = new ChunkPool(SMALL_BYTES, 64)

/** The bytes from `first` up to `end`, at most `SMALL_BYTES`; `onRead` looks at them, and changes and keeps nothing. */
export async function readAtOnce(
  file: FileLease,
  first: number,
  end: number,
  onRead: (bytes: Uint8Array) => void,
): Promise<Uint8Array | SharedBytes> {
  const length = end - first
  if (length <= OWN_BYTES) {
    const own = Buffer.allocUnsafe(length)
    await fill(file, own, first)
    onRead(own)
    return own
  }
  const chunk = pool.take(length)
  await fill(file, chunk, first)
  onRead(chunk)
  return new SharedBytes(chunk, () => chunk[RELEASE]?.())
}
