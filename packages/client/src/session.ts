import { type Answer, badResponse, jsonOf } from './answer.js'
import type { Minter, Ticket } from './minter.js'
import type { StoredPart } from './parts.js'
import type { UploadRecord } from './remembered.js'
import { send } from './send.js'
import { sendToStorage, targetOf } from './storage-target.js'
import { isUploadError } from './upload-error.js'

const LONGEST_GOODBYE = 10_000

/** An upload in parts at the server. Each call is one request, and at most two where its URL had expired. */
export class Session {
  readonly record: UploadRecord
  readonly #minter: Minter
  #ticket: Ticket | undefined
  #minting: Promise<Ticket> | undefined

  /** @param ticket what the upload was begun with; absent: another one is asked for when it is needed */
  constructor(record: UploadRecord, minter: Minter, ticket?: Ticket) {
    this.record = record
    this.#minter = minter
    this.#ticket = ticket
  }

  /** Whether the parts go to the storage itself. */
  get direct(): boolean {
    return this.#ticket?.direct === true
  }

  /** Sends a part; gives its ETag, or nothing where the storage itself keeps the list. */
  async putPart(
    partNumber: number,
    body: Blob,
    signal: AbortSignal,
    onSent: (bytes: number) => void,
  ): Promise<string> {
    const answer = await this.#call(signal, async (url, { direct }) => {
      const address = `${url}&partNumber=${partNumber}`
      if (!direct) return send({ method: 'PUT', url: address, body, signal, onSent })
      const target = targetOf(await send({ method: 'POST', url: address, signal }))
      return sendToStorage(target, body, signal, onSent)
    })
    if (this.direct) return ''
    const etag = answer.header('etag')
    if (etag === null) throw badResponse('A part was stored without an ETag that can be read.', answer.status)
    return etag
  }

  /** The parts that the server has. */
  async listParts(signal: AbortSignal): Promise<readonly StoredPart[]> {
    const answer = await this.#call(signal, (url) => send({ method: 'GET', url, signal }))
    const { parts } = jsonOf(answer)
    if (!Array.isArray(parts)) throw badResponse('The answer lists no parts.', answer.status)
    return parts
  }

  /** Makes the parts one object. Repeating it is safe. */
  async complete(parts: readonly StoredPart[], signal: AbortSignal): Promise<Answer> {
    // As the text that it is by default: a JSON type would cost a preflight.
    const body = JSON.stringify({ parts: parts.map(({ partNumber, etag }) => ({ partNumber, etag })) })
    return this.#call(signal, (url, { direct }) =>
      send({ method: 'POST', url, signal, ...(!direct && { body }) }),
    )
  }

  /** Removes what is at the server, if that can be done soon; if not, the server does when the upload expires. */
  async discard(): Promise<void> {
    const signal = AbortSignal.timeout(LONGEST_GOODBYE)
    await this.#call(signal, (url) => send({ method: 'DELETE', url, signal })).catch(() => {})
  }

  async #call(signal: AbortSignal, act: (url: string, ticket: Ticket) => Promise<Answer>): Promise<Answer> {
    const ticket = await this.#current(signal)
    try {
      return await act(this.#address(ticket), ticket)
    } catch (error) {
      const expired = isUploadError(error, 'expired')
      // A refusal that comes while the body is still going out may be lost with the connection.
      const maybeExpired = isUploadError(error, 'network') && ticket.expiresAt <= Date.now()
      if ((expired || maybeExpired) && this.#ticket === ticket) this.#ticket = undefined
      if (!expired) throw error
      const next = await this.#current(signal)
      return act(this.#address(next), next)
    }
  }

  /** The URL in use, or another one. Whoever needs one meanwhile gets the same. */
  async #current(signal: AbortSignal): Promise<Ticket> {
    if (this.#ticket !== undefined) return this.#ticket
    const { key, uploadId } = this.record
    this.#minting ??= this.#minter.mint({ key, uploadId }, signal).finally(() => {
      this.#minting = undefined
    })
    this.#ticket = await this.#minting
    return this.#ticket
  }

  #address({ url }: Ticket): string {
    return `${url}&uploadId=${this.record.uploadId}`
  }
}
