import { decide } from './http/gate.js'
import type { GateSettings } from './http/gate-settings.js'
import type { Latchkey, SignedUrl } from './latchkey.js'
import type { LatchkeyOptions } from './latchkey-options.js'
import { resolveSettings } from './settings.js'
import {
  encodeObjectKey,
  expiryBounds,
  type FirstFields,
  type GrantFields,
  grantFieldsForUpload,
  grantFieldsForUrl,
  LatchkeyError,
  mint,
} from './token/index.js'

/**
 * Creates the Latchkey of one mount. Give it to the adapter of your framework.
 *
 * @throws LatchkeyError `invalid_option` for an option out of its bounds, such as a secret under 32 bytes
 */
export function createLatchkey(options: LatchkeyOptions): Latchkey {
  const settings = resolveSettings(options)
  const bounds = expiryBounds(options.expiry)
  const context = () => ({ now: settings.now(), bounds })
  return {
    storage: settings.storage,
    async signedUrl(key, urlOptions = {}) {
      return sign(key, grantFieldsForUrl(urlOptions, context()), settings)
    },
    async signedUploadUrl(key, uploadOptions = {}) {
      const fields = grantFieldsForUpload(uploadOptions, context())
      requireCapable(fields, settings)
      return { method: 'PUT', ...(await sign(key, fields, settings)) }
    },
    handle: (request) => decide(request, settings),
  }
}

async function sign(key: string, fields: FirstFields, settings: GateSettings): Promise<SignedUrl> {
  const { keys, audience, baseUrl } = settings
  const token = await mint({ keys, audience, scope: { key }, fields })
  return {
    url: `${baseUrl}${encodeObjectKey(key)}?token=${token}`,
    expiresAt: new Date(fields.expires * 1000),
  }
}

function requireCapable(fields: GrantFields, { storage }: GateSettings): void {
  const { conditionalWrites, metadata } = storage.capabilities
  if (!conditionalWrites && fields.allowOverwrite !== true) {
    throw new LatchkeyError(
      'invalid_option',
      'this storage cannot hold an upload to create-only or ifMatch; allowOverwrite: true accepts that',
    )
  }
  if (!metadata && (fields.visibility === 'public' || fields.cacheControlMaxAge !== undefined)) {
    throw new LatchkeyError('invalid_option', 'this storage cannot keep visibility or cacheControlMaxAge')
  }
}
