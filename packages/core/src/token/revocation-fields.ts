import type { GrantFields } from './grant.js'
import type { GrantContext } from './grant-fields.js'
import { newGrantId } from './grant-id.js'
import type { StableOption, ValidityAndSubject } from './grant-options.js'
import { invalid, isOn } from './option-values.js'

/**
 * What marks a token that can be revoked: when it was issued, and an id. The time is rounded down, so that a token is never
 * younger than it says. A subject alone marks it too, or to revoke the subject would leave it as good as it was.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function revocationFields(
  { revocable, stableFor, subject }: ValidityAndSubject & StableOption,
  { now, revocation = 'impossible' }: GrantContext,
): Pick<GrantFields, 'issuedAt' | 'id'> {
  const asked = isOn(revocable, 'revocable')
  if (asked && revocation === 'impossible') {
    throw invalid('revocable needs a ledger; give createLatchkey one')
  }
  if (revocable === false && revocation === 'always') {
    throw invalid('revocable: false: the mount has revocable, so all its tokens can be revoked')
  }
  const implied = revocation === 'always' || (revocation === 'possible' && subject !== undefined)
  if (!(revocable ?? implied)) return {}
  if (stableFor !== undefined) {
    throw invalid(
      'stableFor: a URL that can be revoked, as one with a subject can where there is a ledger, says when it was issued, ' +
        'so that no two are the same; revocable: false gives that up',
    )
  }
  return { issuedAt: Math.floor(now / 1000), id: newGrantId() }
}
