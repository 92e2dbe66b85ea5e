import type { Block } from './block.js'
import type { Draft } from './draft.js'
import type { Grant, GrantId, Operation, Scope } from './grant.js'

/**
 * What a token's blocks allow together for a key they all cover: what the first block says, met with every other.
 * But for the download limits: their ids follow from the MACs.
 */
export function effectiveGrant(kid: string, blocks: readonly Block[], key: string): Grant {
  const draft = widest(kid, narrowestScope(blocks, key), blocks)
  if (blocks.length === 1 && blocks[0]?.present.length === REQUIRED_FIELDS) return draft
  for (const block of blocks) {
    for (const field of block.present) field.meet(draft, block.fields)
  }
  return draft
}

/** `expires` and `operations`: every first block has them, and `widest` has them from there. */
const REQUIRED_FIELDS = 2

/** What a first block allows before its own fields narrow it: an upload only creates, unless it says otherwise. */
function widest(kid: string, scope: Scope, blocks: readonly Block[]): Draft {
  const fields = blocks[0]?.fields
  const replaces = fields?.allowOverwrite === true || fields?.ifMatch !== undefined
  return {
    kid,
    operations: fields?.operations ?? NO_OPERATIONS,
    scope,
    expiresAt: fields?.expires ?? 0,
    write: replaces ? CREATE_OR_REPLACE : CREATE,
    remove: 'any',
    addRandomSuffix: false,
    visibility: fields?.visibility ?? 'private',
    ids: idsOf(blocks),
    downloadLimits: NO_LIMITS,
  }
}

const CREATE: Grant['write'] = Object.freeze({ create: true, replace: 'none' })
const CREATE_OR_REPLACE: Grant['write'] = Object.freeze({ create: true, replace: 'any' })

const NO_LIMITS: Grant['downloadLimits'] = Object.freeze([])
const NO_OPERATIONS: readonly Operation[] = []
const NO_IDS: readonly GrantId[] = Object.freeze([])

/** A later id goes behind those before it, so that it is never the name of another token. */
function idsOf(blocks: readonly Block[]): readonly GrantId[] {
  if (!haveIds(blocks)) return NO_IDS
  const ids: GrantId[] = []
  let path = ''
  let expiresAt = Number.POSITIVE_INFINITY
  for (const [at, { fields }] of blocks.entries()) {
    expiresAt = Math.min(expiresAt, fields.expires ?? expiresAt)
    if (fields.id === undefined) continue
    path = at === 0 ? fields.id : `${path}.${fields.id}`
    ids.push({ id: path, expiresAt })
  }
  return ids
}

function haveIds(blocks: readonly Block[]): boolean {
  for (const { fields } of blocks) if (fields.id !== undefined) return true
  return false
}

function narrowestScope(blocks: readonly Block[], key: string): Scope {
  let prefix = ''
  for (const block of blocks) {
    if (block.fields.prefixLength === undefined) return { key }
    const covered = coveredText(block.fields.prefixLength, key) ?? ''
    if (covered.length > prefix.length) prefix = covered
  }
  return { prefix }
}

/**
 * The part of a key that a MAC covers: the whole key, or its first `prefixLength` UTF-8 bytes, which must end at a
 * slash. `undefined` where the key has no such prefix.
 */
export function coveredText(prefixLength: number | undefined, key: string): string | undefined {
  if (prefixLength === undefined) return key
  if (prefixLength === 0) return ''
  let bytes = 0
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    // Each half of a surrogate pair stands for two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
    if (bytes === prefixLength) return unit === 0x2f ? key.slice(0, i + 1) : undefined
    if (bytes > prefixLength) return undefined
  }
  return undefined
}
