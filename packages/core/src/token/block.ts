import { type BlockFields, noFields, type WrittenFields } from './draft.js'
import { FIELDS, type Field } from './fields.js'
import { LatchkeyError } from './latchkey-error.js'
import { Recent } from './recent.js'

/** A block as it was read. */
export interface Block {
  /** As it stands in the token. */
  readonly text: string
  readonly fields: BlockFields
  /** The rows of the table that the block has a value for, in their order. */
  readonly present: readonly Field[]
}

const CODE_A = 0x61

const BY_LETTER: readonly (Field | undefined)[] = Array.from({ length: 26 }, (_, at) =>
  FIELDS.find((field) => field.letter.charCodeAt(0) === CODE_A + at),
)

const ROW_BY_NAME: ReadonlyMap<string, number> = new Map(FIELDS.map(({ name }, at) => [name, at]))

// Tokens that were minted in the same second with the same options have the same first block.
const REMEMBERED_BLOCKS = 512
const LONGEST_REMEMBERED = 64
const recent = new Recent<Block>(REMEMBERED_BLOCKS)

/** Reads a block; `undefined` where it is not exactly what `writeBlock` could have written. */
export function readBlock(text: string): Block | undefined {
  const known = recent.get(text)
  if (known !== undefined) return known
  const block = parseBlock(text)
  if (block !== undefined && text.length <= LONGEST_REMEMBERED) recent.set(text, block)
  return block
}

function parseBlock(text: string): Block | undefined {
  const fields = noFields()
  const present: Field[] = []
  let last = -1
  let start = 0
  while (start <= text.length) {
    const tilde = text.indexOf('~', start)
    const end = tilde === -1 ? text.length : tilde
    const letter = text.charCodeAt(start) - CODE_A
    const field = BY_LETTER[letter]
    // An empty value is refused here, so that no spelling has to think of it.
    if (field === undefined || letter <= last || end <= start + 1) return undefined
    if (!field.read(text.slice(start + 1, end), fields)) return undefined
    present.push(field)
    last = letter
    start = end + 1
  }
  return { text, fields, present }
}

/**
 * Writes a block with the dot that goes before it; no field, no dot.
 *
 * @throws LatchkeyError `invalid_option` where a value is out of its bounds
 */
export function writeBlock(fields: WrittenFields): string {
  let rows = 0
  // Few of the fields are there, so those are asked for their rows, not the rows for their fields.
  for (const name in fields) {
    const at = ROW_BY_NAME.get(name)
    if (at === undefined) throw new LatchkeyError('invalid_option', `A grant has no field '${name}'`)
    rows |= 1 << at
  }
  let text = ''
  for (; rows !== 0; rows &= rows - 1) {
    const field = FIELDS[31 - Math.clz32(rows & -rows)]
    if (field === undefined || fields[field.name] === undefined) continue
    const value = field.write(fields)
    if (value === undefined) throw new LatchkeyError('invalid_option', `${field.name} is out of its bounds`)
    text += (text === '' ? field.first : field.next) + value
  }
  return text
}
