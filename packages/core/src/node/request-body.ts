import type { IncomingMessage } from 'node:http'
import { type Bytes, RELEASE } from '../contracts/bytes.js'
import { freeMemory } from './free-memory.js'
import { isPlainRequest } from './plain-request.js'

/**
 * The body of a Node request. It is iterated without `return`: leaving the loop early would otherwise destroy the socket
 * under the reply.
 *
 * A chunk that is given back is freed, where nobody else has heard of it: a listener, a hook or a pipe of the app's keeps
 * what it was told.
 */
export class RequestBody implements Bytes {
  readonly #incoming: IncomingMessage
  #iterator: AsyncIterator<Uint8Array> | undefined
  #isWatched = false

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => (this.#iterator === undefined ? this.#begin() : this.#iterator.next()) }
  }

  [RELEASE](chunk: Uint8Array): void {
    if (!this.#isWatched && isPlainRequest(this.#incoming)) freeMemory(chunk)
  }

  #begin(): Promise<IteratorResult<Uint8Array>> {
    const incoming = this.#incoming
    this.#isWatched = incoming.readableDidRead || isHeard(incoming)
    this.#iterator = incoming[Symbol.asyncIterator]()
    const first = this.#iterator.next()
    // After our own listener. It also tells of one that hears of one chunk and is gone again.
    incoming.on('newListener', (event) => {
      if (event === 'data' || event === 'readable') this.#isWatched = true
    })
    return first
  }
}

function isHeard(incoming: IncomingMessage): boolean {
  return incoming.listenerCount('data') > 0 || incoming.listenerCount('readable') > 0
}
