import fs from 'node:fs'
import { storageError } from './storage-errors.js'

const BATCH_BYTES = 512 * 1024
const SMALL_BYTES = 4 * 1024
const SLAB_BYTES = 64 * 1024

/**
 * Writes chunks in batches of about 512 KiB: one write is in flight while the next batch is collected, so memory stays
 * at two batches. Chunks are held until they are written and must not be written into by whoever gave them.
 */
export class BatchedWriter {
  readonly #fd: number
  readonly #onError: (error: unknown) => void
  #batch: Uint8Array[] = []
  #batchBytes = 0
  #slab: Buffer | undefined
  #slabUsed = 0
  #position = 0
  #inFlight: Promise<void> | undefined

  /** `onError` hears of a failed write at once, not at the next call. */
  constructor(fd: number, onError: (error: unknown) => void) {
    this.#fd = fd
    this.#onError = onError
  }

  /** Takes a chunk. The promise, where there is one, says when the next may come. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.byteLength < SMALL_BYTES) this.#collect(chunk)
    else this.#batch.push(chunk)
    this.#batchBytes += chunk.byteLength
    if (this.#batchBytes < BATCH_BYTES) return undefined
    if (this.#inFlight === undefined) {
      this.#start()
      return undefined
    }
    return this.#inFlight.then(() => this.#start())
  }

  /** Writes what is left; everything is with the system afterwards. */
  async end(): Promise<void> {
    await this.#inFlight
    if (this.#batchBytes > 0) this.#start()
    await this.#inFlight
  }

  /** Waits for the write in flight, whatever becomes of it: only then may the file be closed. */
  async settle(): Promise<void> {
    await this.#inFlight?.catch(() => {})
  }

  // Many tiny chunks would cost far more in objects than in bytes, and go over the count that one writev takes.
  #collect(chunk: Uint8Array): void {
    if (this.#slab === undefined || this.#slabUsed + chunk.byteLength > SLAB_BYTES) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.#slabUsed = 0
    }
    const begin = this.#slabUsed
    this.#slab.set(chunk, begin)
    this.#slabUsed += chunk.byteLength
    const last = this.#batch.at(-1)
    if (last?.buffer === this.#slab.buffer) {
      this.#batch[this.#batch.length - 1] = this.#slab.subarray(last.byteOffset, this.#slabUsed)
    } else {
      this.#batch.push(this.#slab.subarray(begin, this.#slabUsed))
    }
  }

  #start(): void {
    const batch = this.#batch
    this.#batch = []
    this.#batchBytes = 0
    this.#slab = undefined
    const write = this.#writeAll(batch)
    this.#inFlight = write
    write.then(
      () => {
        if (this.#inFlight === write) this.#inFlight = undefined
      },
      (error) => this.#onError(error),
    )
  }

  async #writeAll(batch: Uint8Array[]): Promise<void> {
    let rest = batch
    try {
      while (rest.length > 0) {
        const count = await this.#write(rest)
        this.#position += count
        rest = without(rest, count)
      }
    } catch (error) {
      throw storageError(error)
    }
  }

  #write(buffers: Uint8Array[]): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.writev(this.#fd, buffers, this.#position, (error, count) => {
        if (error) reject(error)
        else resolve(count)
      })
    })
  }
}

/** What is left of `buffers` after `count` bytes: a disk that runs full takes a part first. */
function without(buffers: Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  for (const [index, buffer] of buffers.entries()) {
    if (skip < buffer.byteLength) return [buffer.subarray(skip), ...buffers.slice(index + 1)]
    skip -= buffer.byteLength
  }
  return []
}
