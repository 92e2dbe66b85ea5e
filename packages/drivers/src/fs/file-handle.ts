import fs from 'node:fs'
import { run } from './call.js'

/** An open file that several may read: it is closed when the last of them has let it go. */
export class FileHandle {
  readonly fd: number
  #leases = 0
  #busy = 0
  #idle: (() => void) | undefined

  constructor(fd: number) {
    this.fd = fd
  }

  /** For one more who reads. There is none after the last was closed. */
  lease(): FileLease {
    this.#leases++
    return new FileLease(this)
  }

  /** Fills `buffer` from `position` on; gives how much came. */
  read(buffer: Uint8Array, position: number): Promise<number> {
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

  /** Ends one lease. The file is never closed under a read that is in flight: its number may be another file's by then. */
  async release(): Promise<void> {
    this.#leases--
    if (this.#leases > 0) return
    if (this.#busy > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    // A close that fails after reading has lost nothing, and the handle is gone all the same.
    await run((done) => fs.close(this.fd, done)).catch(() => {})
  }
}

/** An open file, for one who reads it. */
export class FileLease {
  readonly #handle: FileHandle
  #closing: Promise<void> | undefined

  /** @param handle that counts this lease */
  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** Fills `buffer` from `position` on; gives how much came. */
  read(buffer: Uint8Array, position: number): Promise<number> {
    if (this.closed) return Promise.reject(new Error('The file is closed'))
    return this.#handle.read(buffer, position)
  }

  /** Lets the file go, for good. A second call waits for the same. */
  close(): Promise<void> {
    this.#closing ??= this.#handle.release()
    return this.#closing
  }
}
