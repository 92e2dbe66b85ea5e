import { LatchkeyError } from '@latchkey/core'

/** Where in a database the ledger is. */
export interface PostgresLedgerPlace {
  /** The schema, which must exist; default `public`. 1 to 63 letters, digits or `_`, not a digit first. */
  readonly schema?: string
  /** What the names of the tables and functions begin with; default `latchkey_`. At most 32 letters, digits or `_`. */
  readonly prefix?: string
}

/** The name of a table or function in that place, quoted. */
export type Named = (name: string) => string

/**
 * Names things in that place. The names become part of statements, so nothing but letters, digits and `_` is let through.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function namesIn({ schema = 'public', prefix = 'latchkey_' }: PostgresLedgerPlace): Named {
  if (!/^[a-z_]\w{0,62}$/i.test(schema)) {
    throw new LatchkeyError('invalid_option', 'schema is 1 to 63 letters, digits or _, and no digit first')
  }
  if (!/^([a-z_]\w{0,31})?$/i.test(prefix)) {
    throw new LatchkeyError('invalid_option', 'prefix is at most 32 letters, digits or _, and no digit first')
  }
  return (name) => `"${schema}"."${prefix}${name}"`
}
