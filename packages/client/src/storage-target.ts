import { type Answer, badResponse, jsonOf } from './answer.js'
import type { UploadHeaders } from './options.js'
import { send } from './send.js'

/** Where the storage itself takes bytes. */
export interface StorageTarget {
  readonly url: string
  /** To be sent with the bytes. */
  readonly headers: UploadHeaders
}

/**
 * Reads where bytes go.
 *
 * @throws UploadError `bad_response`
 */
export function targetOf(answer: Answer): StorageTarget {
  const { url, headers } = jsonOf(answer)
  if (typeof url !== 'string')
    throw badResponse('The answer does not say where to send the file.', answer.status)
  return { url, headers: { ...(headers as UploadHeaders | undefined) } }
}

/** Sends bytes to the storage. */
export function sendToStorage(
  { url, headers }: StorageTarget,
  body: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<Answer> {
  return send({ method: 'PUT', url, headers, body, signal, onSent })
}
