import { channel } from 'node:diagnostics_channel'
import type { FirstFields, Scope } from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { idOf } from '../id-of-fields.js'
import type { MintedEvent } from './events.js'

const minted = channel('latchkey:minted')

/** What a token is for: objects, or a route. */
export type MintedScope = Scope | { readonly route: string }

/** Tells of a token that goes out: one that is only tried, to see whether limits can be signed, is none. */
export function reportMinted(
  what: MintedEvent['what'],
  scope: MintedScope,
  fields: FirstFields,
  { keys }: GateSettings,
): void {
  if (!minted.hasSubscribers) return
  const { allowedTypes, expires, maxDownloads, maxSize, notBefore, operations = [], subject } = fields
  const event: MintedEvent = {
    what,
    ...scope,
    operations,
    expiresAt: new Date(expires * 1000),
    ...(notBefore !== undefined && { notBefore: new Date(notBefore * 1000) }),
    keyId: keys.activeId,
    ...idOf(fields),
    ...(subject !== undefined && { subject }),
    ...(maxSize !== undefined && { maxSize }),
    ...(allowedTypes !== undefined && { allowedTypes }),
    ...(maxDownloads !== undefined && { maxDownloads }),
  }
  minted.publish(event)
}
