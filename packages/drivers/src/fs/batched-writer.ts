import fs from 'node:fs'
import { RELEASE } from '@latchkey/core'
import { storageError } from './storage-errors.js'
import { writeBatches } from './write-batches.js'

const SMALL_BYTES = 4 * 1024
const SLAB_BYTES = 64 * 1024

/** Who is told of what becomes of the chunks. */
export interface WriteWatcher {
  /** Hears of a failed write at once, not at the next call. */
  fail(error: unknown): void
  /** Takes a chunk that was written, or copied. */
  [RELEASE](chunk: Uint8Array): void
}

/**
 * Writes chunks in batches: one write is in flight while the next batch is collected, so memory stays
 * at two of them. Chunks are held until they are written and must not be written into by whoever gave them.
 */
export class BatchedWriter {
  readonly #fd: number
  readonly #watcher: WriteWatcher
  #batch: Uint8Array[] = []
  #held: Uint8Array[] = []
  #batchBytes = 0
  #slab: Buffer | undefined
  #slabUsed = 0
  #position = 0
  #inFlight: Promise<void> | undefined

  constructor(fd: number, watcher: WriteWatcher) {
    this.#fd = fd
    this.#watcher = watcher
  }

  /** Takes a chunk. The promise, where there is one, says when the next may come. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    this.#batchBytes += chunk.byteLength
    if (chunk.byteLength < SMALL_BYTES) {
      this.#collect(chunk)
      this.#watcher[RELEASE](chunk)
    } else {
      this.#batch.push(chunk)
      this.#held.push(chunk)
    }
    if (this.#batchBytes < writeBatches.bytes) return undefined
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
    const held = this.#held
    this.#batch = []
    this.#held = []
    this.#batchBytes = 0
    this.#slab = undefined
    const write = this.#writeAll(batch)
    this.#inFlight = write
    write.then(
      () => {
        if (this.#inFlight === write) this.#inFlight = undefined
        for (const chunk of held) this.#watcher[RELEASE](chunk)
      },
      (error) => this.#watcher.fail(error),
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
