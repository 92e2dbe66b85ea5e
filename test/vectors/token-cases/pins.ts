import { b64 } from '../forge.js'
import { bytes, holds, P, put, refused, type TokenCase } from './case.js'

/** Tokens for one upload in parts. */
export const pins: readonly TokenCase[] = [
  holds('pinned to an upload', [`${P}~t${b64('Up-1_.~')}`], put),
  holds('pinned to a part', [`${P}~t${b64('u1:10000')}`], put),
  holds('pinned by a later block', [P, `t${b64('u1')}`], put),
  holds('pinned twice alike', [`${P}~t${b64('u1:2')}`, `t${b64('u1:2')}`], put),
  holds('pin narrowed to a part', [`${P}~t${b64('u1')}`, `t${b64('u1:2')}`], put),
  refused('pins of two uploads', [`${P}~t${b64('u1')}`, `t${b64('u2')}`], put),
  refused('pins of two parts', [`${P}~t${b64('u1:1')}`, `t${b64('u1:2')}`], put),
  refused('pin widened', [`${P}~t${b64('u1:1')}`, `t${b64('u1')}`], put),
  refused('operations not regained after two pins', [`${P}~t${b64('u1')}`, `t${b64('u2')}`, 'op'], put),
  refused('pin without an upload', [`${P}~t${b64(':1')}`], put),
  refused('pin with an empty part', [`${P}~t${b64('u1:')}`], put),
  refused('pin to part 0', [`${P}~t${b64('u1:0')}`], put),
  refused('pin to part 10001', [`${P}~t${b64('u1:10001')}`], put),
  refused('pin to a part with a leading zero', [`${P}~t${b64('u1:01')}`], put),
  refused('pin to two parts', [`${P}~t${b64('u1:1:2')}`], put),
  refused('pin with a line feed', [`${P}~t${b64('u1\n')}`], put),
  refused('pin too long', [`${P}~t${b64(bytes(513))}`], put),
]
