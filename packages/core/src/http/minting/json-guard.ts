import { badRequest } from './bad-request.js'

const MOST_NESTED = 8

const QUOTE = 0x22
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Refuses JSON that `JSON.parse` would take and another reader might take for something else: a name that is there
 * twice. Also what is nested deeper than anything that is asked for here. One pass, before anything is built; whether
 * the text is JSON at all shows when it is parsed.
 *
 * @throws LatchkeyError `bad_request`; SyntaxError for a name that is no JSON
 */
export function guardJson(text: string): void {
  const open: (Set<string> | null)[] = []
  let lastString = ''
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at)
        lastString = text.slice(at, end)
        at = end - 1
        break
      }
      case COLON:
        addName(open.at(-1), lastString)
        // Used up: a colon without a name before it must not read a long one again and again.
        lastString = ''
        break
      case OPEN_LIST:
        open.push(null)
        break
      case OPEN_OBJECT:
        open.push(new Set())
        break
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        open.pop()
        break
    }
    if (open.length > MOST_NESTED) throw badRequest('The body is nested too deeply.')
  }
}

/** Names are compared as what they mean: `"\u006bey"` is `"key"`. */
function addName(names: Set<string> | null | undefined, string: string): void {
  if (names === null || names === undefined) return
  const name: unknown = JSON.parse(string)
  if (names.has(String(name))) throw badRequest('The body has a name twice.')
  names.add(String(name))
}

/** Where a string that begins at `start` ends: behind its closing quote, or at the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) return at + 1
    if (unit === BACKSLASH) at++
  }
  return text.length
}
