/** What the ledger needs of a `Pool` of the package `pg`, 8 or later. */
export interface PostgresPool {
  query(text: string, values?: (string | boolean | null | string[])[]): Promise<{ rows: unknown[] }>
}
