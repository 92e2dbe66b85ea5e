/** Whether a text has no lone surrogate, and so survives UTF-8 and back. */
export function isWellFormed(text: string): boolean {
  return utf8Length(text) >= 0
}

/** The length of a text in UTF-8 bytes, or -1 where it has a lone surrogate. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    if (unit < 0xd800 || unit > 0xdfff) continue
    const next = text.charCodeAt(i + 1)
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return -1
    i++
  }
  return bytes
}

/** Whether a UTF-16 code unit is a control character: C0, DEL or C1. */
export function isControl(unit: number): boolean {
  return unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)
}

/** Whether a text has a control character: C0, DEL or C1. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (isControl(text.charCodeAt(i))) return true
  }
  return false
}

/** The number of Unicode code points of a well-formed text. */
export function codePoints(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit <= 0xdbff) count--
  }
  return count
}
