/** The parsed value of an `If-Match` or `If-None-Match` field: any version, or the listed ones. */
export type EntityTagList = '*' | readonly string[]

const ENTITY_TAG = /[ \t]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,|$)|[ \t]*(?:,|$)/y

/** Parses a list of entity tags (RFC 9110, section 8.8.3); `undefined` where it is malformed. */
export function parseEntityTags(text: string): EntityTagList | undefined {
  if (text.trim() === '*') return '*'
  const tags: string[] = []
  ENTITY_TAG.lastIndex = 0
  while (ENTITY_TAG.lastIndex < text.length) {
    const match = ENTITY_TAG.exec(text)
    if (match === null) return undefined
    if (match[1] !== undefined) tags.push(match[1])
  }
  return tags.length > 0 ? tags : undefined
}

/** Strong comparison: a weak tag never matches. */
export function matchesStrongly(tags: EntityTagList, etag: string): boolean {
  return tags === '*' || (!isWeak(etag) && tags.includes(etag))
}

/** Weak comparison: only the opaque parts count. */
export function matchesWeakly(tags: EntityTagList, etag: string): boolean {
  const opaque = withoutWeakness(etag)
  return tags === '*' || tags.some((tag) => withoutWeakness(tag) === opaque)
}

/** Whether an ETag is weak: two versions that differ may share it, so nothing can be held to it. */
export function isWeak(etag: string): boolean {
  return etag.startsWith('W/')
}

function withoutWeakness(tag: string): string {
  return isWeak(tag) ? tag.slice(2) : tag
}
