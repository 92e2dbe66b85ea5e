const OPAQUE = /^(?:W\/)?"([\x21\x23-\x7e]*)"$/

/** A library's ETag as it is sent, quoted where the library leaves that out. One that is weak stays weak. */
export function strongEtag(etag: string): string {
  return OPAQUE.test(etag) ? etag : `"${sound(etag)}"`
}

/** A library's ETag, which another version may have as well. */
export function weakEtag(etag: string): string {
  return `W/"${OPAQUE.exec(etag)?.[1] ?? sound(etag)}"`
}

function sound(text: string): string {
  return text.replace(/[^\x21\x23-\x7e]/g, '')
}
