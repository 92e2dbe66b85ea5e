import { END } from '../forge.js'
import { G, holds, P, put, refused, type TokenCase } from './case.js'

/** Tokens whose holders are asked before each download. */
export const confirmation: readonly TokenCase[] = [
  holds('downloads to be confirmed', [`e${END}~og~z1`]),
  holds('confirmed downloads, so many of them, with a window', [`e${END}~l1~og~y60~z1`]),
  holds('confirmation asked for by a later block', [G, 'z1']),
  holds('confirmation stays on', [`e${END}~og~z1`, 'n1', 'z1']),
  holds('confirmation does not concern uploads', [`${P}~z1`], put),
  refused('confirmation off', [`e${END}~og~z0`]),
  refused('confirmation taken back', [`e${END}~og~z1`, 'z0']),
  refused('confirmation with another value', [`e${END}~og~z2`]),
]
