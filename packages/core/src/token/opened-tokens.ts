import type { MaybePromise } from '../hmac/contract.js'
import type { KeyRing } from './key-ring.js'
import { andThen } from './maybe-promise.js'
import { type OpenedToken, type OpenFailure, type OpenOptions, openToken } from './open-token.js'
import { Recent } from './recent.js'

interface Entry {
  readonly audience: string
  readonly key: string
  readonly opened: OpenedToken
}

/**
 * Remembers tokens whose MAC held, so that one which comes again (a player that asks for range after range) costs no HMAC.
 * Nothing is remembered that can change: times, revocation, addresses and counts are looked at each time. With another key
 * ring all is forgotten, so a signing key that is gone opens nothing any more. Tokens that are none of ours leave nothing here.
 */
export class OpenedTokens {
  /** How many tokens at most. */
  readonly limit: number
  readonly #recent: Recent<Entry>
  #keys: KeyRing | undefined

  /** @param limit at least 1; about 1 KiB for each */
  constructor(limit: number) {
    this.limit = limit
    this.#recent = new Recent(limit)
  }

  /** As `openToken`. */
  open(options: OpenOptions): MaybePromise<OpenedToken | OpenFailure> {
    const { audience, key, keys, token } = options
    if (keys !== this.#keys) {
      this.#recent.clear()
      this.#keys = keys
    }
    const entry = this.#recent.get(token)
    if (entry !== undefined && entry.key === key && entry.audience === audience) return entry.opened
    return andThen(openToken(options), (opened) => {
      // The ring may have changed while a MAC was waited for.
      if (typeof opened !== 'string' && keys === this.#keys)
        this.#recent.set(token, { audience, key, opened })
      return opened
    })
  }
}
