import type { OutgoingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { SharedBytes } from '../contracts/shared-bytes.js'
import { isPlainResponse } from './plain-response.js'
import { sendLent } from './send-lent.js'

/**
 * Shared bytes as a Node stream. Piped into an HTTP response they go out as they are, without a copy, and their memory is
 * given back when the system has them; whoever else reads them gets a copy.
 */
export class SharedStream extends Readable {
  readonly #bytes: SharedBytes
  #response: OutgoingMessage | undefined
  #sent = false

  constructor(bytes: SharedBytes) {
    super({ highWaterMark: 0 })
    this.#bytes = bytes
  }

  override _read(): void {
    const isHeard = this.listenerCount('data') > 0 || this.listenerCount('readable') > 0
    if (this.#bytes.byteLength > 0 && (!this.#sent || isHeard)) this.push(this.#bytes.copy())
    this.push(null)
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    const isFirst = this.#response === undefined && !this.readableDidRead
    if (!isFirst || !isPlainResponse(destination)) return super.pipe(destination, options)
    this.#response = destination
    // Not before whoever pipes has had its say: as with any other stream, nothing flows yet when `pipe` returns.
    process.nextTick(() => this.#send(options))
    return destination
  }

  override unpipe(destination?: NodeJS.WritableStream): this {
    if (this.#response !== undefined && (destination === undefined || destination === this.#response)) {
      this.#response = undefined
    }
    return super.unpipe(destination)
  }

  #send(options: { end?: boolean } = {}): void {
    const response = this.#response
    if (response === undefined || this.destroyed) return
    if (!isPlainResponse(response)) {
      // A hook has come in the meantime.
      super.pipe(response, options)
      return
    }
    this.#sent = true
    response.emit('pipe', this)
    sendLent(this.#bytes, response, options)
    // Read in this turn, so that who listens as well has its copy before the memory is given back.
    this.resume()
  }
}
