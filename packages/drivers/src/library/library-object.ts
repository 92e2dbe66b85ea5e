import type { Readable } from 'node:stream'
import { type Bytes, LatchkeyError, type ObjectStat, type StoredObject } from '@latchkey/core'
import { libraryError } from './library-errors.js'

/** Where streams come from. */
export interface StreamSource {
  read(this: void, key: string, signal: AbortSignal): Promise<Readable>
  /** As `Library.drains`. */
  readonly drains: boolean
}

/**
 * The stream of an object whose first chunk has come. Only then is its source open: a local file of these libraries is
 * opened with the first read, and another version may stand there by then.
 */
export class StartedStream {
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #release: () => void
  readonly #drains: boolean
  #first: IteratorResult<Uint8Array> | undefined
  #released = false

  private constructor(stream: Readable, controller: AbortController, drains: boolean) {
    this.#iterator = stream[Symbol.asyncIterator]()
    this.#drains = drains
    this.#release = () => {
      controller.abort()
      if (!drains) stream.destroy()
    }
    // What fails after it was released concerns nobody.
    stream.on('error', () => {})
  }

  /** Fails with the library's error. */
  static async open({ read, drains }: StreamSource, key: string): Promise<StartedStream> {
    const controller = new AbortController()
    const stream = await read(key, controller.signal)
    const started = new StartedStream(stream, controller, drains)
    started.#first = await started.#iterator.next()
    return started
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#released) return DONE
    const first = this.#first
    this.#first = undefined
    try {
      const result = first ?? (await this.#iterator.next())
      return this.#released ? DONE : result
    } catch (error) {
      if (this.#released) return DONE
      throw error
    }
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#release()
    if (this.#drains) void this.#drain()
  }

  async #drain(): Promise<void> {
    try {
      while ((await this.#iterator.next()).done !== true);
    } catch {}
  }
}

const DONE = { done: true, value: undefined } as const

/** One version of an object, its stream started. */
export class LibraryObject implements StoredObject {
  readonly stat: ObjectStat
  readonly #stream: StartedStream
  #used = false

  constructor(stat: ObjectStat, stream: StartedStream) {
    this.stat = stat
    this.#stream = stream
  }

  read(): Bytes {
    if (this.#used) throw new Error('An open object can be read once, and not after it was closed')
    this.#used = true
    return new LibraryBytes(this.#stream, this.stat.size)
  }

  async close(): Promise<void> {
    if (this.#used) return
    this.#used = true
    this.#stream.release()
  }
}

/** The bytes of a stream, which must be as many as were announced. */
class LibraryBytes implements AsyncIterableIterator<Uint8Array> {
  readonly #stream: StartedStream
  #left: number
  #over = false

  constructor(stream: StartedStream, size: number) {
    this.#stream = stream
    this.#left = size
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      const result = await this.#stream.next()
      if (this.#over) return DONE
      if (result.done === true) return this.#end()
      this.#left -= result.value.byteLength
      if (this.#left < 0) throw unlike('The storage sent more bytes than it announced')
      return result
    } catch (error) {
      this.#stop()
      throw libraryError(error)
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#stop()
    return DONE
  }

  #end(): IteratorResult<Uint8Array> {
    if (this.#left > 0) throw unlike(`The storage sent ${this.#left} bytes too few`)
    this.#stop()
    return DONE
  }

  #stop(): void {
    this.#over = true
    this.#stream.release()
  }
}

function unlike(message: string): LatchkeyError {
  return new LatchkeyError('storage_unavailable', message)
}
