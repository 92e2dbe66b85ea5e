import { badResponse, jsonOf } from './answer.js'
import type { UploadHeaders, UploadOptions } from './options.js'
import { send } from './send.js'

/** A signed URL to upload to. */
export interface Ticket {
  readonly key: string
  /** Absolute. */
  readonly url: string
  /** To be sent with the file. */
  readonly headers: UploadHeaders
  /** Whether the file is only announced there, and goes to the storage itself. */
  readonly direct: boolean
  /** Milliseconds, by the server's clock. */
  readonly expiresAt: number
  /** Of an upload in parts. */
  readonly uploadId: string
  /** Bytes; 0 where the upload is not one in parts. */
  readonly partSize: number
}

/** What is asked for besides a URL for one file. */
export interface Wish {
  readonly multipart?: true
  readonly key?: string
  readonly uploadId?: string
}

/** Asks the server for signed URLs for one file. */
export class Minter {
  readonly #options: UploadOptions
  readonly #announcement: Readonly<Record<string, unknown>>
  /** What is told of the file where it is announced. */
  readonly file: string

  constructor(file: Blob, options: UploadOptions) {
    const { key, payload, contentType = file.type } = options
    this.#options = options
    // What is undefined is no property in JSON. Browsers say '' of a type that they do not know.
    const announced = { contentType: contentType || undefined, size: file.size }
    this.#announcement = { key, payload, ...announced }
    this.file = JSON.stringify(announced)
  }

  /** Asks once. */
  async mint(wish: Wish, signal?: AbortSignal): Promise<Ticket> {
    const { endpoint, headers } = this.#options
    const more = await (typeof headers === 'function' ? headers() : headers)
    const answer = await send({
      method: 'POST',
      url: `${endpoint.replace(/\/+$/, '')}/signed-uploads`,
      headers: { ...more, 'content-type': 'application/json' },
      body: JSON.stringify({ ...this.#announcement, ...wish }),
      ...(signal !== undefined && { signal }),
    })
    const { key, url, method, headers: sent, expires_at, uploadId = '', partSize = 0 } = jsonOf(answer)
    if (
      typeof key !== 'string' ||
      typeof url !== 'string' ||
      typeof uploadId !== 'string' ||
      typeof partSize !== 'number' ||
      (wish.multipart && partSize < 1)
    ) {
      throw badResponse('The endpoint does not mint URLs.', answer.status)
    }
    return {
      key,
      url: new URL(url, answer.url).href,
      headers: { ...(sent as UploadHeaders | undefined) },
      direct: method === 'POST',
      expiresAt: Date.parse(String(expires_at)),
      uploadId,
      partSize,
    }
  }
}
