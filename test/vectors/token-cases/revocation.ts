import { END } from '../forge.js'
import { G, holds, ID, P, put, refused, type TokenCase } from './case.js'

const OTHER_ID = 'B'.repeat(16)
const MARKED = `e${END}~g1795279999~i${ID}~og`
const revoked = { code: 'revoked', isRevoked: true } as const

/** Tokens that say of themselves that they can be revoked, and some that were. */
export const revocation: readonly TokenCase[] = [
  holds('revocable', [MARKED]),
  holds('revocable, issued at 0', [`e${END}~g0~i${ID}~og`]),
  holds('revocable, issued in the future', [`e${END}~g253402300799~i${ID}~og`]),
  holds('revocable, narrowed', [MARKED, ['m5~p0', '']]),
  holds('revocable, narrowed with an id', [`${MARKED}h`, [`i${OTHER_ID}~p0`, '']]),
  holds('id of each block, behind those before it', [
    MARKED,
    [`i${OTHER_ID}`, 'reports/2026/q3.pdf'],
    `i${ID}`,
  ]),
  holds('id lives as long as the block that has it', [MARKED, `e${END - 60}~i${OTHER_ID}`, `e${END - 90}`]),
  holds('ids of a token that cannot be revoked', [`e${END}~i${ID}~og`, `i${OTHER_ID}`]),
  holds('id of a later block alone', [G, [`i${ID}~p0`, '']]),
  holds('revocable upload in parts', [`e${END}~g1~i${ID}~op~tdTE`], put),
  holds('revoked', [MARKED], revoked),
  holds('revoked, narrowed or not', [MARKED, [`i${OTHER_ID}~p0`, '']], revoked),
  holds('revoked, asked for what it does not grant', [MARKED], { ...revoked, operation: 'put' }),
  holds('revoked without saying that it can be', [P], { ...revoked, ...put }),
  holds('revoked and expired', [MARKED], { ...revoked, now: END * 1000, code: 'expired' }),
  holds('revoked and not yet valid', [`e${END}~g1~i${ID}~n${END - 1}~og`], {
    ...revoked,
    code: 'not_yet_valid',
  }),
  refused('revoked, of another key', [MARKED], { isRevoked: true, key: 'a' }, { key: 'b' }),
  refused('issued without an id', [`e${END}~g1795279999~og`]),
  refused('issued in a later block', [MARKED, `g1795279999~i${ID}`]),
  refused('issued by a later block alone', [G, `g1795279999~i${ID}`]),
  refused('issued with a leading zero', [`e${END}~g01~i${ID}~og`]),
  refused('issued after the year 9999', [`e${END}~g253402300800~i${ID}~og`]),
  refused('issued at a fraction', [`e${END}~g1.5~i${ID}~og`]),
  refused('id of 11 bytes in a later block', [MARKED, `i${'A'.repeat(15)}`]),
]
