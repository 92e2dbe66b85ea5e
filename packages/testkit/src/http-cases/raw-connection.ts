import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type ClientReply, joinFields } from '../http-client.js'

const PATIENCE_MS = 8_000
const END_OF_HEAD = '\r\n\r\n'

/** A TCP connection on which a case writes what it likes, and reads replies one by one. */
export class RawConnection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  /** What came since; joined only when it is looked at, or large replies would be copied again with each chunk. */
  #arrived: Buffer[] = []
  #arrivedBytes = 0
  #over = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => {
      this.#arrived.push(chunk)
      this.#arrivedBytes += chunk.byteLength
      socket.emit('progress')
    })
    const end = (): void => {
      this.#over = true
      socket.emit('progress')
    }
    socket.on('end', end)
    socket.on('close', end)
    // A reset; what had come before it counts.
    socket.on('error', end)
  }

  static async open(origin: string): Promise<RawConnection> {
    const { hostname, port } = new URL(origin)
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Resolves when the system has taken the bytes, or the connection is gone. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) resolve()
      else this.#socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data, () => resolve())
    })
  }

  /** No more is sent; answers may still come. */
  halfClose(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Sends a reset, as the system of a client does that was killed. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /** Takes nothing more off the wire until `resume`, like a client that sends all before it reads. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Whether something has come that no `reply` has taken. */
  get hasUnread(): boolean {
    return this.#size > 0
  }

  /** Whether the server has ended the connection, or broken it. */
  get isOver(): boolean {
    return this.#over
  }

  /** The next reply, informational ones included. `method` is the one of its request. */
  async reply(method = 'GET'): Promise<ClientReply> {
    const headEnd = await this.#find(END_OF_HEAD)
    const [statusLine = '', ...lines] = this.#take(headEnd).toString('latin1').split('\r\n')
    this.#take(END_OF_HEAD.length)
    const headers = joinFields(lines.flatMap((line) => splitField(line)))
    const status = Number(statusLine.split(' ')[1])
    const bodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304
    if (bodiless) return { status, headers, body: Buffer.alloc(0), complete: true }
    return { status, headers, ...(await this.#body(headers)) }
  }

  /** All that is still to come, until the server closes; `undefined` where it does not. */
  async rest(patienceMs = PATIENCE_MS): Promise<Buffer | undefined> {
    const deadline = Date.now() + patienceMs
    while (!this.#over) {
      if (Date.now() >= deadline) return undefined
      await this.#progress(deadline - Date.now())
    }
    return this.#take(this.#size)
  }

  async #body(headers: Readonly<Record<string, string>>): Promise<{ body: Buffer; complete: boolean }> {
    if (headers['transfer-encoding'] !== undefined) return this.#chunked()
    const length = headers['content-length']
    if (length === undefined) return { body: (await this.rest()) ?? Buffer.alloc(0), complete: this.#over }
    const complete = await this.#have(Number(length))
    return { body: this.#take(Math.min(Number(length), this.#size)), complete }
  }

  async #chunked(): Promise<{ body: Buffer; complete: boolean }> {
    const chunks: Buffer[] = []
    for (;;) {
      const size = Number.parseInt(this.#take(await this.#find('\r\n')).toString('latin1'), 16)
      this.#take(2)
      const complete = await this.#have(size + 2)
      chunks.push(this.#take(Math.min(size, this.#size)))
      this.#take(2)
      if (size === 0 || !complete) return { body: Buffer.concat(chunks), complete }
    }
  }

  async #have(bytes: number): Promise<boolean> {
    while (this.#size < bytes && !this.#over) await this.#progress(PATIENCE_MS, true)
    return this.#size >= bytes
  }

  async #find(text: string): Promise<number> {
    for (;;) {
      this.#join()
      const at = this.#received.indexOf(text)
      if (at !== -1) return at
      if (this.#over)
        throw new Error(`the connection ended after ${JSON.stringify(this.#received.toString('latin1'))}`)
      await this.#progress(PATIENCE_MS, true)
    }
  }

  get #size(): number {
    return this.#received.byteLength + this.#arrivedBytes
  }

  #join(): void {
    if (this.#arrived.length === 0) return
    this.#received = Buffer.concat([this.#received, ...this.#arrived])
    this.#arrived = []
    this.#arrivedBytes = 0
  }

  #take(bytes: number): Buffer {
    this.#join()
    const taken = this.#received.subarray(0, bytes)
    this.#received = this.#received.subarray(bytes)
    return taken
  }

  #progress(patienceMs: number, required = false): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#socket.off('progress', settle)
        resolve()
      }
      const timer = setTimeout(() => {
        if (required) reject(new Error(`nothing came for ${patienceMs} ms`))
        settle()
      }, patienceMs)
      this.#socket.once('progress', settle)
    })
  }
}

function splitField(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}
