import type { Grant, GrantFields } from './grant.js'

/** What a block is written from: its fields, and the length of the covered prefix. */
export type WrittenFields = GrantFields & {
  /** UTF-8 bytes; absent: the block is about the whole key. */
  readonly prefixLength?: number
}

/** What was read of a block. Every field is there from the start: objects of one shape are read faster. */
export type BlockFields = { [Name in keyof WrittenFields]-?: Required<WrittenFields>[Name] | undefined }

/** A block's fields before any is read. */
export function noFields(): BlockFields {
  return {
    allowedTypes: undefined,
    allowedAddresses: undefined,
    cacheControlMaxAge: undefined,
    download: undefined,
    expires: undefined,
    ifMatch: undefined,
    issuedAt: undefined,
    responseHeaders: undefined,
    id: undefined,
    maxDownloads: undefined,
    maxSize: undefined,
    notBefore: undefined,
    operations: undefined,
    prefixLength: undefined,
    createOnly: undefined,
    addRandomSuffix: undefined,
    subject: undefined,
    pin: undefined,
    payload: undefined,
    visibility: undefined,
    allowOverwrite: undefined,
    overrides: undefined,
    resumeWindow: undefined,
    confirm: undefined,
  }
}

/** A grant while its blocks are being met. */
export type Draft = { -readonly [Name in keyof Grant]: Grant[Name] }
