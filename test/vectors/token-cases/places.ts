import { b64, END } from '../forge.js'
import { bytes, G, refused, type TokenCase } from './case.js'

/** Fields where they may not stand, and keys that are none. */
export const places: readonly TokenCase[] = [
  refused(
    'nine blocks',
    Array.from({ length: 9 }, () => G),
  ),
  refused('too long', [`${G}~u${b64(bytes(2048))}`, `a${b64(`a/${bytes(127)},`.repeat(8).slice(0, -1))}`]),
  refused('subject in a later block', [`${G}~x1`, `s${b64('eve')}`]),
  refused('payload in a later block', [`${G}~x1`, `u${b64('{}')}`]),
  refused('cache age not granted', [G, 'c5']),
  refused('file name not granted', [G, `d${b64('i')}`]),
  refused('headers not granted', [G, `h${b64('content-type: text/html')}`]),
  refused('overrides refused', [`${G}~x0`, 'c5']),
  refused('overrides granted to oneself', [G, 'c5~x1']),
  refused('overrides granted by a later block alone', [G, 'x1', 'c5']),
  refused('overrides not passed on', [`${G}~x1`, 'og', 'c5']),
  refused('overrides not granted, expired too', [G, 'c5'], { now: END * 1000 }),
  refused('key that is none', [G], { key: 'reports/../q3.pdf' }),
  refused('key with a line feed', [G], { key: 'a\nb' }),
  refused('key with a slash in front', [G], { key: '/a' }),
  refused('key with a backslash', [G], { key: 'a\\b' }),
  refused('key too long', [G], { key: bytes(1025) }),
]
