/** The table or function is not there, or not as this version has it. */
const NOT_MIGRATED = ['42P01', '42883', '42703', '3F000']

/** What to do about an error of PostgreSQL, where that is known. */
export function explain(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code
  if (typeof code !== 'string') return undefined
  if (NOT_MIGRATED.includes(code)) {
    return 'the tables of the ledger are missing; run migratePostgresLedger(pool) with the same schema and prefix'
  }
  if (code === '42501')
    return `${messageOf(error)}; its user needs to read and write the tables of the ledger`
  return undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
