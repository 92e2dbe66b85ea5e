import type { UploadIntent } from '../../contracts/authorize.js'
import { type FirstFields, LatchkeyError, parseMediaType, typeAllowed } from '../../token/index.js'
import { narrowLife } from './narrow-life.js'

/** Bounds of the moment and the mount. */
export interface UploadBounds {
  /** Milliseconds. */
  readonly now: number
  /** Bytes: the mount's limit, which holds whatever a token says. */
  readonly maxUploadSize: number
}

/**
 * What the limits allow, narrowed to what the client announced. A type that was announced is the only one where the
 * limits have none; a size that was announced is the largest. The client's payload goes in where the limits have none.
 *
 * @throws LatchkeyError `type_not_allowed`, `too_large`, `bad_request`
 */
export function narrowUpload(allowed: FirstFields, intent: UploadIntent, bounds: UploadBounds): FirstFields {
  const { contentType, size, payload } = intent
  return {
    ...allowed,
    expires: narrowLife(allowed, intent.expiresIn, bounds.now),
    ...(contentType !== undefined && { allowedTypes: narrowTypes(allowed.allowedTypes, contentType) }),
    ...(size !== undefined && { maxSize: narrowSize(allowed.maxSize, size, bounds.maxUploadSize) }),
    ...(payload !== undefined && allowed.payload === undefined && { payload }),
  }
}

function narrowTypes(allowed: readonly string[] | undefined, announced: string): readonly string[] {
  const essence = parseMediaType(announced)
  if (essence === null || (allowed !== undefined && !typeAllowed(essence, allowed))) {
    throw new LatchkeyError('type_not_allowed', 'the announced type is not among the allowed ones')
  }
  return allowed ?? [essence]
}

function narrowSize(allowed: number | undefined, announced: number, maxUploadSize: number): number {
  if (announced > Math.min(allowed ?? maxUploadSize, maxUploadSize)) {
    throw new LatchkeyError('too_large', `${announced} bytes were announced`)
  }
  return announced
}
