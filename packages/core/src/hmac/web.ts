import { encodeBase64url } from '../token/base64url.js'
import { encodeUtf8 } from '../token/runtime.js'
import type { Hmac } from './contract.js'
import { joinedText } from './joined-text.js'

/** The part of WebCrypto that is used here, so that this compiles without the types of a DOM or of Node. */
declare const crypto: {
  readonly subtle: {
    importKey(
      format: 'raw',
      key: Uint8Array,
      algorithm: { name: 'HMAC'; hash: 'SHA-256' },
      extractable: false,
      usages: ['sign'],
    ): Promise<object>
    sign(algorithm: 'HMAC', key: object, data: Uint8Array): Promise<ArrayBuffer>
  }
}

/** See `Hmac.createMac`. */
export const createMac: Hmac['createMac'] = (secret) => {
  // Not `slice`, which of a Buffer is a view.
  const bytes = new Uint8Array(secret)
  let imported: Promise<object> | undefined
  return async (opening, line = '', rest) => {
    imported ??= crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    const mac = await crypto.subtle.sign('HMAC', await imported, encodeUtf8(joinedText(opening, line, rest)))
    return encodeBase64url(new Uint8Array(mac))
  }
}

/** See `Hmac.equalMacs`. */
export const equalMacs: Hmac['equalMacs'] = (a, b) => {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
