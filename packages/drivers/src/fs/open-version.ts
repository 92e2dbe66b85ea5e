import type { ByteRange, Bytes, ObjectStat, SharedBytes, StoredFile, StoredObject } from '@latchkey/core'
import { downloadChunks } from './download-chunks.js'
import type { FileLease } from './file-handle.js'
import { fill } from './fill.js'
import { SMALL_BYTES } from './known-objects.js'
import { readAtOnce } from './read-at-once.js'
import { spanOf } from './span.js'

/** One version, held by its open file: whatever happens to the key, these are its bytes. */
export class OpenVersion implements StoredObject {
  readonly stat: ObjectStat
  readonly file: StoredFile
  readonly #file: FileLease
  readonly #onWhole: ((bytes: Uint8Array) => void) | undefined
  #used = false

  /** @param onWhole gets the bytes of a small object that is read as a whole, and changes nothing */
  constructor(lease: FileLease, stat: ObjectStat, file: StoredFile, onWhole?: (bytes: Uint8Array) => void) {
    this.#file = lease
    this.file = file
    this.stat = stat
    this.#onWhole = onWhole
  }

  read(range?: ByteRange): Bytes | Promise<Uint8Array | SharedBytes> {
    if (this.#used) throw new Error('An open object can be read once, and not after it was closed')
    this.#used = true
    let span: readonly [first: number, end: number]
    try {
      span = spanOf(this.stat.size, range)
    } catch (error) {
      this.#file.close()
      throw error
    }
    const [first, end] = span
    return end - first <= SMALL_BYTES ? this.#readAtOnce(first, end) : new FileBytes(this.#file, first, end)
  }

  async close(): Promise<void> {
    if (this.#used) return
    this.#used = true
    await this.#file.close()
  }

  async #readAtOnce(first: number, end: number): Promise<Uint8Array | SharedBytes> {
    try {
      return await readAtOnce(this.#file, first, end, (bytes) => {
        if (bytes.byteLength === this.stat.size) this.#onWhole?.(bytes)
      })
    } finally {
      // Not awaited: the bytes are there, and nobody waits for the file.
      this.#file.close()
    }
  }
}

/**
 * The bytes from `first` up to `end`, chunk by chunk. Written by hand, as an async generator that was never started
 * does not run its `finally` on `return`, and would leave the file open.
 */
class FileBytes implements AsyncIterableIterator<Uint8Array> {
  readonly #file: FileLease
  readonly #end: number
  #position: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(file: FileLease, first: number, end: number) {
    this.#file = file
    this.#position = first
    this.#end = end
    downloadChunks.begin()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    // In turn, also for a caller who does not wait for one before the next.
    const result = this.#last.then(() => this.#read())
    this.#last = result.catch(() => {})
    return result
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#close()
    return { done: true, value: undefined }
  }

  async #read(): Promise<IteratorResult<Uint8Array>> {
    if (this.#file.closed) return { done: true, value: undefined }
    const left = this.#end - this.#position
    if (left === 0) return this.return()
    try {
      const buffer = downloadChunks.take(left)
      await fill(this.#file, buffer, this.#position)
      this.#position += buffer.byteLength
      // The file is let go with the last bytes, not when somebody asks for more.
      if (this.#position === this.#end) this.#close()
      return { done: false, value: buffer }
    } catch (error) {
      await this.#close()
      throw error
    }
  }

  #close(): Promise<void> {
    if (!this.#file.closed) downloadChunks.end()
    return this.#file.close()
  }
}
