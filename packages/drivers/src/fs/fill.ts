import { LatchkeyError } from '@latchkey/core'
import type { FileLease } from './file-handle.js'
import { storageError } from './storage-errors.js'

/** Fills the buffer from `position` of the file on, or throws: a body shorter than announced must break, never end. */
export async function fill(file: FileLease, buffer: Uint8Array, position: number): Promise<void> {
  let filled = 0
  while (filled < buffer.byteLength) {
    const rest = filled === 0 ? buffer : buffer.subarray(filled)
    let count: number
    try {
      count = await file.read(rest, position + filled)
    } catch (error) {
      throw storageError(error)
    }
    if (count === 0) {
      throw new LatchkeyError(
        'storage_unavailable',
        'The file was cut short while it was read: find what edits it',
      )
    }
    filled += count
  }
}
