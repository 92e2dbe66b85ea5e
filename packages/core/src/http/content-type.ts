import { lookup } from 'mrmime'
import { parseMediaType, Recent } from '../token/index.js'

const DEFAULT_TYPE = 'application/octet-stream'
const SCRIPTABLE = /^(?:text\/html|text\/xml|text\/xsl|multipart\/.+|message\/rfc822|.+\/xml|.+\+xml)$/

/** The type that a key's extension stands for. */
export function typeFromKey(key: string): string {
  const type: unknown = lookup(key)
  // For `__proto__` and `constructor` the table gives what its prototype has.
  if (typeof type !== 'string') return DEFAULT_TYPE
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type
}

// An app has few types, and each download asks about one. A verdict depends on the text alone, so none is ever stale.
const verdicts = new Recent<boolean>(128)
const LONGEST_KEPT = 128

/** Whether a browser that opens such a document may run script in it; what cannot be parsed counts as such. */
export function mayRunScript(contentType: string): boolean {
  const known = verdicts.get(contentType)
  if (known !== undefined) return known
  const essence = parseMediaType(contentType)
  const verdict = essence === null || SCRIPTABLE.test(essence)
  if (contentType.length <= LONGEST_KEPT) verdicts.set(contentType, verdict)
  return verdict
}
