import { requireCountable } from './http/download-count.js'
import type { GateSettings } from './http/gate-settings.js'
import { idOf } from './http/id-of-fields.js'
import { requireCapable } from './http/sign-url.js'
import { reportMinted } from './http/watch/report-minted.js'
import {
  type DelegationOptions,
  delegationScope,
  type GrantContext,
  grantFieldsForDelegation,
  mint,
  type SignedToken,
} from './token/index.js'

/** See `Latchkey.issueSignedToken`. */
export async function issueSignedToken(
  options: DelegationOptions,
  settings: GateSettings,
  context: GrantContext,
): Promise<SignedToken> {
  const scope = delegationScope(options)
  const fields = grantFieldsForDelegation(options, context)
  if (fields.operations?.includes('put')) requireCapable(fields, settings)
  requireCountable(fields, settings)
  const { keys, audience, baseUrl } = settings
  const token = await mint({ keys, audience, scope, fields })
  reportMinted('delegation', scope, fields, settings)
  const dot = token.lastIndexOf('.')
  return {
    delegationToken: token.slice(0, dot),
    clientSigningToken: token.slice(dot + 1),
    validUntil: new Date(fields.expires * 1000),
    baseUrl,
    scope,
    ...idOf(fields),
  }
}
