import type { NativePresigning, PresignedReadOptions } from '../../contracts/storage-driver.js'
import type { Grant } from '../../token/index.js'
import { NO_STORE } from '../cache-control.js'
import type { GateSettings } from '../gate-settings.js'
import { canBeRevoked } from '../revocation-lookup.js'
import type { Delivery, HandOver } from './hand-over.js'

/** Sends the client to the storage itself, with what the reply would have carried. */
export function byStorage(
  presigning: NativePresigning,
  expiresIn: number,
  { now, revocable }: Pick<GateSettings, 'now' | 'revocable'>,
): HandOver {
  return async (delivery) => {
    if (isHeldHere(delivery, revocable)) return undefined
    const { grant, headers, key } = delivery
    const lifeLeft = grant === null ? expiresIn : grant.expiresAt - Math.ceil(now() / 1000)
    const options = presignedReply(headers, Math.max(1, Math.min(expiresIn, lifeLeft)))
    const location = await presigning.readUrl(key, options)
    const kept = PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))
    return {
      status: 302,
      headers: { ...Object.fromEntries(kept), location, 'cache-control': NO_STORE, 'content-length': '0' },
      body: '',
    }
  }
}

/** What the redirect itself carries of the object's headers. */
const PASSED_ON = ['referrer-policy', 'x-content-type-options', 'cross-origin-resource-policy'] as const

/** What the storage would not hold the client to: its URL opens as often as anyone likes, from anywhere, revoked or not. */
function isHeldHere(delivery: Delivery, revocable: boolean): boolean {
  const { grant } = delivery
  if (grant === null) return false
  const { allowedAddresses, confirm, downloadLimits } = grant
  if (downloadLimits.length > 0 || allowedAddresses !== undefined || canBeRevoked(grant, revocable))
    return true
  // The page that asks lets its form go nowhere else.
  return confirm === true || namesOthers(delivery, grant)
}

/** Types whose bytes name other objects. */
const NAMES_OTHERS =
  /^(?:text\/|application\/(?:vnd\.apple\.mpegurl|x-mpegurl|javascript|json|xml)|audio\/(?:x-)?mpegurl|[^;]*\+(?:json|xml))/i

/** After a redirect the client would look for the rest of a tree beside the storage's URL, where no token opens it. */
function namesOthers({ headers, key }: Delivery, { scope }: Grant): boolean {
  if ('key' in scope) return false
  return NAMES_OTHERS.test(headers['content-type'] ?? '') || /\.(?:m3u8?|mpd)$/i.test(key)
}

function presignedReply(headers: Delivery['headers'], expiresIn: number): PresignedReadOptions {
  const optional = {
    contentDisposition: headers['content-disposition'],
    contentEncoding: headers['content-encoding'],
    contentLanguage: headers['content-language'],
    expires: headers.expires,
  }
  return {
    expiresIn,
    contentType: headers['content-type'] ?? 'application/octet-stream',
    cacheControl: headers['cache-control'] ?? NO_STORE,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
}
