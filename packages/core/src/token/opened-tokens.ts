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

/** The most tokens that are known to have come once. */
const MOST_MARKS = 65_536

/** How many characters of its MAC tell a token from others well enough to say whether it came before. */
const MARK_LENGTH = 8

/**
 * Remembers tokens whose MAC held, so that one which comes again (a player that asks for range after range) costs no HMAC
 * from the third time on. Most links are opened once, and what is kept of those would only be cleared up later, which costs more
 * than an HMAC: of a token that comes for the first time there is a mark of four bytes.
 * Nothing is remembered that can change: times, revocation, addresses and counts are looked at each time. With another key
 * ring all is forgotten, so a signing key that is gone opens nothing any more. Tokens that are none of ours leave nothing here.
 */
export class OpenedTokens {
  /** How many tokens at most. */
  readonly limit: number
  readonly #recent: Recent<Entry>
  /** Of each slot the token that came last, by its mark; another token may have the same one, and is then kept too soon. */
  readonly #marks: Int32Array
  #keys: KeyRing | undefined

  /** @param limit at least 1; about 1 KiB for each */
  constructor(limit: number) {
    this.limit = limit
    this.#recent = new Recent(limit)
    this.#marks = new Int32Array(Math.min(limit, MOST_MARKS))
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
      if (typeof opened !== 'string' && keys === this.#keys && this.#cameBefore(token)) {
        this.#recent.set(token, { audience, key, opened })
      }
      return opened
    })
  }

  #cameBefore(token: string): boolean {
    const mark = markOf(token)
    const slot = (mark >>> 0) % this.#marks.length
    if (this.#marks[slot] === mark) return true
    this.#marks[slot] = mark
    return false
  }
}

/** FNV-1a over the end of the MAC. */
function markOf(token: string): number {
  let mark = -2_128_831_035
  for (let at = token.length - MARK_LENGTH; at < token.length; at++) {
    mark = Math.imul(mark ^ token.charCodeAt(at), 16_777_619)
  }
  return mark
}
