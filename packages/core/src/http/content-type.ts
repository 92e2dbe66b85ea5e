import { lookup } from 'mrmime'
import { parseMediaType } from '../token/index.js'

const DEFAULT_TYPE = 'application/octet-stream'
const SCRIPTABLE = /^(?:text\/html|text\/xml|text\/xsl|multipart\/.+|message\/rfc822|.+\/xml|.+\+xml)$/

/** The type that a key's extension stands for. */
export function typeFromKey(key: string): string {
  const type: unknown = lookup(key)
  // For `__proto__` and `constructor` the table gives what its prototype has.
  if (typeof type !== 'string') return DEFAULT_TYPE
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type
}

/** Whether a browser that opens such a document may run script in it; what cannot be parsed counts as such. */
export function mayRunScript(contentType: string): boolean {
  const essence = parseMediaType(contentType)
  return essence === null || SCRIPTABLE.test(essence)
}
