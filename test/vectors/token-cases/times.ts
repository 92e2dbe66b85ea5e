import { END } from '../forge.js'
import { G, refused, type TokenCase } from './case.js'

/** Tokens that are too late or too early. */
export const times: readonly TokenCase[] = [
  refused('expired', [G], { code: 'expired', now: END * 1000 }),
  refused('expired by a later block', [G, 'e1795280000'], { code: 'expired' }),
  refused('not revived by a later block', [G, `e${END + 60}`], { code: 'expired', now: END * 1000 }),
  refused('time 0', ['e0~og'], { code: 'expired' }),
  refused('not yet', [`e${END}~n1795280001~og`], { code: 'not_yet_valid' }),
  refused('not yet by a later block', [G, 'n1795280001'], { code: 'not_yet_valid' }),
  refused('not hastened by a later block', [`e${END}~n1795280001~og`, 'n1'], { code: 'not_yet_valid' }),
  refused('expired before its start', [`e1795280000~n${END}~og`], { code: 'expired' }),
  refused('expired, wrong operation too', ['e1795280000~oh'], { code: 'expired' }),
]
