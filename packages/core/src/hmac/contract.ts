/** A value that is there at once (node:crypto) or later (WebCrypto). Synchronous callers pay for no promise. */
export type MaybePromise<T> = T | Promise<T>

/**
 * HMAC-SHA256 under one secret: the MAC of `opening`, `line`, a line feed and `rest`, as UTF-8, without whichever of the last
 * two is not given. As base64url without padding (43 characters). In parts, as joining them would take as long as to check
 * most of a token; an opening that is the same as the last time is not even written again.
 */
export type MacFunction = (opening: string, line?: string, rest?: string) => MaybePromise<string>

/** What `#hmac` gives on every runtime. */
export interface Hmac {
  /** Prepares a secret once, for many MACs. */
  createMac(secret: Uint8Array): MacFunction
  /** Compares two MACs of equal length in constant time; `false` at once where the lengths differ. */
  equalMacs(a: string, b: string): boolean
}
