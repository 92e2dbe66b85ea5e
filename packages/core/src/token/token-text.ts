import { decodeBase64url } from './base64url.js'
import { type Block, readBlock } from './block.js'

/** The longest token, in characters. */
export const MAX_TOKEN_LENGTH = 4096
/** The most blocks a token may have. */
const MAX_BLOCKS = 8
/** HMAC-SHA256 as base64url. */
const MAC_LENGTH = 43
const DOT = 0x2e

const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/

/** A token as it was read; nothing in it is verified. */
export interface TokenText {
  readonly kid: string
  /** The text in front of the first MAC: `kid "." block0`. */
  readonly head: string
  /** At least one. */
  readonly blocks: readonly Block[]
  /** 43 characters of which nothing is known: a MAC that is spelled in another way equals none. */
  readonly mac: string
}

/** Why a token was not read. */
export type TokenFault = 'malformed' | 'override_not_granted'

/** Whether a text can be the id of a signing key. */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text)
}

/** Whether a text is a token by its grammar, its MAC included. Nothing of it is verified. */
export function isToken(text: string): boolean {
  const token = readToken(text)
  return typeof token !== 'string' && decodeBase64url(token.mac) !== undefined
}

/** Whether a text is a token that wants its downloads confirmed. Nothing of it is verified. */
export function asksToConfirm(text: string): boolean {
  const token = readToken(text)
  return typeof token !== 'string' && token.blocks.some(({ fields }) => fields.confirm === true)
}

/** Reads a token by its grammar, and by the rules for which field may stand in which block. */
export function readToken(token: string): TokenText | TokenFault {
  if (token.length > MAX_TOKEN_LENGTH) return 'malformed'
  const macAt = token.length - MAC_LENGTH
  if (macAt < 1 || token.charCodeAt(macAt - 1) !== DOT) return 'malformed'
  const text = token.slice(0, macAt - 1)
  const front = text === last?.text ? last : readFront(text)
  if (typeof front === 'string') return front
  last = front
  const { kid, head, blocks } = front
  return { kid, head, blocks, mac: token.slice(macAt) }
}

/** What stands in front of a token's MAC. */
interface Front extends Omit<TokenText, 'mac'> {
  readonly text: string
}

// Tokens that were minted in the same second with the same options have the same.
let last: Front | undefined

function readFront(text: string): Front | TokenFault {
  const kidEnd = text.indexOf('.')
  if (kidEnd === -1) return 'malformed'
  const kid = text.slice(0, kidEnd)
  if (!isKeyId(kid)) return 'malformed'

  const blocks: Block[] = []
  let overridable = true
  for (const part of text.slice(kidEnd + 1).split('.', MAX_BLOCKS + 1)) {
    const block = readBlock(part)
    if (block === undefined || blocks.length === MAX_BLOCKS) return 'malformed'
    const fault = blocks.length === 0 ? faultOfFirst(block) : faultOfLater(block, overridable)
    if (fault !== undefined) return fault
    overridable &&= block.fields.overrides === true
    blocks.push(block)
  }
  const first = blocks[0]
  if (first === undefined) return 'malformed'
  return { text, kid, head: text.slice(0, kidEnd + 1 + first.text.length), blocks }
}

function faultOfFirst({ fields }: Block): TokenFault | undefined {
  const { expires, id, issuedAt, maxDownloads, operations, resumeWindow } = fields
  if (expires === undefined || operations === undefined) return 'malformed'
  if (issuedAt !== undefined && id === undefined) return 'malformed'
  return resumeWindow !== undefined && maxDownloads === undefined ? 'malformed' : undefined
}

function faultOfLater({ fields, present }: Block, overridable: boolean): TokenFault | undefined {
  for (const { place } of present) {
    const unlimited = place === 'limiting' && fields.maxDownloads === undefined
    if (place === 'first' || unlimited) return 'malformed'
    if (place === 'presentation' && !overridable) return 'override_not_granted'
  }
  return undefined
}
