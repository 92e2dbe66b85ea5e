/** A value that is there at once (node:crypto) or later (WebCrypto). Synchronous callers pay for no promise. */
export type MaybePromise<T> = T | Promise<T>

/** HMAC-SHA256 under one secret: the MAC of a text's UTF-8 bytes, as base64url without padding (43 characters). */
export type MacFunction = (text: string) => MaybePromise<string>

/** What `#hmac` gives on every runtime. */
export interface Hmac {
  /** Prepares a secret once, for many MACs. */
  createMac(secret: Uint8Array): MacFunction
  /** Compares two MACs of equal length in constant time; `false` at once where the lengths differ. */
  equalMacs(a: string, b: string): boolean
}
