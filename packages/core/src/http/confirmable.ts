import { asksToConfirm } from '../token/index.js'
import { parseTarget } from './target.js'

/** Whether a raw path has a token that wants its downloads confirmed, with a POST to that path. */
export function isToBeConfirmed(path: string): boolean {
  const target = parseTarget({ method: 'POST', path })
  return typeof target !== 'string' && target.token !== undefined && asksToConfirm(target.token)
}
