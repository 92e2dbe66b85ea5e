/** What a row of an option table says, and what shows it. */
interface OptionRow {
  /** The cell of the default, less its marks. */
  readonly default: string
  check(): Promise<void>
}

/** The rows of an option table, by the option. */
export type Rows = Readonly<Record<string, OptionRow>>
