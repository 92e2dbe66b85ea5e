import fs from 'node:fs'
import { run } from './call.js'

/** An open file that is closed once, and never under a read that is in flight: its number may be another file's. */
export class FileHandle {
  readonly fd: number
  #busy = 0
  #closing: Promise<void> | undefined
  #idle: (() => void) | undefined

  constructor(fd: number) {
    this.fd = fd
  }

  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** Fills `buffer` from `position` on; gives how much came. */
  read(buffer: Uint8Array, position: number): Promise<number> {
    if (this.closed) return Promise.reject(new Error('The file is closed'))
    this.#busy++
    return new Promise((resolve, reject) => {
      fs.read(this.fd, buffer, 0, buffer.byteLength, position, (error, count) => {
        this.#busy--
        if (this.#busy === 0) this.#idle?.()
        if (error) reject(error)
        else resolve(count)
      })
    })
  }

  /** Closes when the reads in flight have come back. A second call waits for the same. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#busy > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    // A close that fails after reading has lost nothing, and the handle is gone all the same.
    await run((done) => fs.close(this.fd, done)).catch(() => {})
  }
}
