import type { Grant, GrantFields } from './grant.js'

/** What one block says, the length of its covered prefix included. */
export type BlockFields = { -readonly [Name in keyof GrantFields]: GrantFields[Name] } & {
  /** UTF-8 bytes; absent: the block is about the whole key. */
  prefixLength?: number
}

/** A grant while its blocks are being met. The scope comes last, as it needs the key. */
export type Draft = { -readonly [Name in keyof Omit<Grant, 'kid' | 'scope'>]: Grant[Name] }
