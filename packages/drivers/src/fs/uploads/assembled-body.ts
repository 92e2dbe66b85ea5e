import fs from 'node:fs'
import { join } from 'node:path'
import type { CompleteMultipartOptions } from '@latchkey/core'
import { invalidPart } from '../../upload-errors.js'
import { call, errnoOf } from '../call.js'
import { FileHandle, type FileLease } from '../file-handle.js'
import { storageError } from '../storage-errors.js'
import type { PartFile } from './part-file.js'

const CHUNK_BYTES = 1024 * 1024
const { O_RDONLY, O_NOFOLLOW = 0 } = fs.constants

/** The bytes of the parts, one part after the other, shown to `onBytes` on their way. */
export async function* assembledBody(
  folder: string,
  parts: readonly PartFile[],
  { onBytes, onEnd }: Pick<CompleteMultipartOptions, 'onBytes' | 'onEnd'>,
): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    const file = await openPart(folder, part)
    try {
      // The next chunk is read while the last one is looked at and written.
      let reading = readChunk(file, part, 0)
      for (let position = 0; position < part.size; ) {
        const chunk = await reading
        position += chunk.byteLength
        reading = readChunk(file, part, position)
        // Whoever stops here leaves it to fail unheard.
        reading.catch(() => {})
        const looked = onBytes?.(chunk)
        if (looked !== undefined) await looked
        yield chunk
      }
    } finally {
      await file.close()
    }
  }
  await onEnd?.()
}

async function openPart(folder: string, part: PartFile): Promise<FileLease> {
  try {
    const path = join(folder, part.name)
    const fd = await call<number>((done) => fs.open(path, O_RDONLY | O_NOFOLLOW, done))
    return new FileHandle(fd).lease()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw invalidPart(`Part ${part.partNumber} was replaced or removed`)
    throw storageError(error)
  }
}

/** At least a byte; at the part's end nothing. */
async function readChunk(file: FileLease, part: PartFile, position: number): Promise<Uint8Array> {
  const length = Math.min(CHUNK_BYTES, part.size - position)
  if (length === 0) return new Uint8Array(0)
  const buffer = Buffer.allocUnsafeSlow(length)
  let count: number
  try {
    count = await file.read(buffer, position)
  } catch (error) {
    throw storageError(error)
  }
  if (count === 0) throw damaged(part)
  return count === length ? buffer : buffer.subarray(0, count)
}

/** A loss of power may cut what was not flushed. The client can mend it, so it is told. */
function damaged(part: PartFile) {
  return invalidPart(`Part ${part.partNumber} is damaged: upload it again`)
}
