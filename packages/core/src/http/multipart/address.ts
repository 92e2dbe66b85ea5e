import type { GateRequest } from '../../contracts/gate.js'
import { andThen, asksToConfirm, LatchkeyError, type MaybePromise, verify } from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { soleParameter } from '../query-parameter.js'
import type { Target } from '../target.js'

/** What of an upload in parts a request is about. */
export type MultipartAddress =
  | { readonly type: 'begin' }
  | { readonly type: 'upload'; readonly uploadId: string }
  | { readonly type: 'part'; readonly uploadId: string; readonly partNumber: number }

const MOST_PARTS = 10_000

/**
 * What of an upload in parts a request is about; `undefined` for one that is about a whole object. To a token that
 * reads, parameters beside it mean nothing, so only a token that uploads turns a GET into a list of parts, or the POST of a form into more. Where the
 * storage takes no uploads in parts the rest is told apart all the same: a part must not pass for an object.
 */
export function multipartAddress(
  request: GateRequest,
  target: Target,
  settings: GateSettings,
): MaybePromise<MultipartAddress | undefined> {
  const { method } = request
  // A token in the path reads objects alone, whatever it grants.
  if (target.query === '' || method === 'HEAD' || target.place === 'path') return undefined
  const mayRead = method === 'GET' || (method === 'POST' && isConfirmed(target))
  if (!mayRead) return parseAddress(target.query, method)
  if (!isAboutParts(target.query)) return undefined
  return andThen(grantsUpload(request, target, settings), (uploads) =>
    uploads ? parseAddress(target.query, method) : undefined,
  )
}

/** Whether the page of such a token may send its form here. */
function isConfirmed({ token }: Target): boolean {
  return token !== undefined && asksToConfirm(token)
}

/** Whether a raw query names an upload in parts. */
export function isAboutParts(query: string): boolean {
  return soleParameter(query, 'uploads') !== undefined || soleParameter(query, 'uploadId') !== undefined
}

function grantsUpload(
  request: GateRequest,
  { token, key }: Target,
  settings: GateSettings,
): MaybePromise<boolean> {
  if (token === undefined) return false
  const { keys, audience } = settings
  const verified = verify({
    keys,
    audience,
    token,
    key,
    operation: 'put',
    now: settings.now(),
    enforces: ['confirm', 'downloads', 'pin'],
    address: request.address?.(),
    // This only tells what the request is about; whoever answers it looks.
    isRevoked: () => false,
  })
  return andThen(verified, ({ ok }) => ok)
}

/**
 * Reads `uploads`, `uploadId` and `partNumber` off a query; `undefined` for a request that is about a whole object.
 *
 * @throws LatchkeyError `bad_request`, `invalid_part`
 */
function parseAddress(query: string, method: string): MultipartAddress | undefined {
  const uploadId = soleParameter(query, 'uploadId')
  if (uploadId === undefined) {
    if (soleParameter(query, 'uploads') !== undefined) return { type: 'begin' }
    // Taken for a whole body, a part would become the object.
    if (method !== 'PUT' || soleParameter(query, 'partNumber') === undefined) return undefined
    throw new LatchkeyError('bad_request', 'partNumber without uploadId')
  }
  if (uploadId === null) throw new LatchkeyError('bad_request', 'uploadId is there twice')
  const partNumber = soleParameter(query, 'partNumber')
  if (partNumber === undefined) return { type: 'upload', uploadId }
  return { type: 'part', uploadId, partNumber: checkedPartNumber(partNumber) }
}

function checkedPartNumber(text: string | null): number {
  const partNumber = text !== null && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0
  if (partNumber < 1 || partNumber > MOST_PARTS) {
    throw new LatchkeyError('invalid_part', `partNumber must be 1 to ${MOST_PARTS}`)
  }
  return partNumber
}
