import type { Operation } from './grant.js'

/** In the order of their letters. */
const OPERATIONS = ['delete', 'get', 'head', 'put'] as const satisfies readonly Operation[]

const LETTERS = 'dghp'

/** Every set of operations, by the bits 1 (delete), 2 (get), 4 (head), 8 (put): reading a token allocates none. */
const SETS: readonly (readonly Operation[])[] = Array.from({ length: 16 }, (_, bits) =>
  Object.freeze(OPERATIONS.filter((_operation, at) => (bits >> at) & 1)),
)

/** Reads `d g h p`, ascending, each at most once, at least one. */
export function readOperations(text: string): readonly Operation[] | undefined {
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    const bit = 1 << LETTERS.indexOf(text.charAt(i))
    // Also refuses a letter that is none: its bit is 1 << -1, the sign.
    if (bit < 1 || bits >= bit) return undefined
    bits |= bit
  }
  return bits === 0 ? undefined : SETS[bits]
}

/** Writes a set of operations in any order; `undefined` where it is empty or has something else in it. */
export function writeOperations(operations: readonly Operation[]): string | undefined {
  let bits = 0
  for (const operation of operations) {
    const at = OPERATIONS.indexOf(operation)
    if (at === -1) return undefined
    bits |= 1 << at
  }
  return bits === 0 ? undefined : LETTER_SETS[bits]
}

const LETTER_SETS: readonly string[] = SETS.map((set) => set.map((operation) => operation.charAt(0)).join(''))

/** Those in both. */
export function intersectOperations(
  one: readonly Operation[],
  other: readonly Operation[],
): readonly Operation[] {
  return one === other ? one : one.filter((operation) => other.includes(operation))
}
