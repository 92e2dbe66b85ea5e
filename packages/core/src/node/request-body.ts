import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream'
import { type Bytes, RELEASE } from '../contracts/bytes.js'
import { freeMemory } from './free-memory.js'
import { isPlainRequest } from './plain-request.js'

// As many bytes may wait to be taken before the client is made to wait. What a fast one sends while a batch is written.
const MOST_WAITING_BYTES = 128 * 1024

/** Who waits for the next chunk. */
interface Taker {
  resolve(result: IteratorResult<Uint8Array>): void
  reject(reason: unknown): void
}

/**
 * The body of a Node request. It is iterated without `return`: leaving the loop early would otherwise destroy the socket
 * under the reply. Not by the request's own iterator, which costs several percent of the CPU of an upload of 1 MiB.
 *
 * A chunk that is given back is freed, where nobody else has heard of it: a listener, a hook or a pipe of the app's keeps
 * what it was told.
 */
export class RequestBody implements Bytes {
  readonly #incoming: IncomingMessage
  readonly #waiting: Uint8Array[] = []
  readonly #takers: Taker[] = []
  #waitingBytes = 0
  #isBegun = false
  /** Whether somebody else holds the flow, by `pause` or by listening to `readable`: then every chunk is asked for. */
  #isAsked = false
  #isFull = false
  #isWatched = false
  #isOver = false
  #failure: Error | undefined

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next() }
  }

  [RELEASE](chunk: Uint8Array): void {
    if (!this.#isWatched && isPlainRequest(this.#incoming)) freeMemory(chunk)
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#isBegun) this.#begin()
    const chunk = this.#waiting.shift()
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.length
      return Promise.resolve({ done: false, value: chunk })
    }
    return new Promise((resolve, reject) => {
      this.#takers.push({ resolve, reject })
      if (this.#isOver) this.#tellTheEnd()
      else this.#wantMore()
    })
  }

  #begin(): void {
    this.#isBegun = true
    const incoming = this.#incoming
    this.#isWatched = incoming.readableDidRead || isHeard(incoming)
    // Also where somebody listens to `readable`.
    const isHeld = incoming.isPaused()
    incoming.on('data', this.#take)
    if (isHeld) this.#ask()
    incoming.on('pause', () => {
      if (!this.#isFull) this.#ask()
    })
    finished(incoming, { writable: false }, (error) => {
      this.#isOver = true
      this.#failure = error ?? undefined
      this.#tellTheEnd()
    })
    // After our own listeners. It also tells of one that hears of one chunk and is gone again.
    incoming.on('newListener', (event) => {
      if (event === 'data' || event === 'readable') this.#isWatched = true
      if (event === 'readable') this.#ask()
    })
  }

  #ask(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    this.#incoming.on('readable', this.#wantMore)
  }

  readonly #take = (chunk: Uint8Array): void => {
    const taker = this.#takers.shift()
    if (taker !== undefined) {
      taker.resolve({ done: false, value: chunk })
      return
    }
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#isFull || this.#waitingBytes < MOST_WAITING_BYTES) return
    this.#isFull = true
    this.#incoming.pause()
  }

  readonly #wantMore = (): void => {
    if (this.#takers.length === 0) return
    if (this.#isAsked) {
      // What this gives is told to all who listen to `data`.
      while (this.#takers.length > 0 && this.#incoming.read() !== null) {}
    } else if (this.#isFull) {
      this.#isFull = false
      this.#incoming.resume()
    }
  }

  #tellTheEnd(): void {
    for (const { resolve, reject } of this.#takers.splice(0)) {
      const failure = this.#failure
      this.#failure = undefined
      if (failure === undefined) resolve({ done: true, value: undefined })
      else reject(failure)
    }
  }
}

function isHeard(incoming: IncomingMessage): boolean {
  return incoming.listenerCount('data') > 0 || incoming.listenerCount('readable') > 0
}
