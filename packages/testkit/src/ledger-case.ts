import type { DownloadClaim, Ledger } from '@latchkey/core'

/** What a case may need beyond the ledger itself. */
export type LedgerNeed = 'another' | 'clock' | 'engine' | 'durable' | 'processes' | 'lossy'

/** What a case is run with. Each case gets a store of its own, empty at the start. */
export interface LedgerCaseContext {
  readonly ledger: Ledger
  /** Another ledger over the same store, as another process has it. Absent where the store is the ledger's own. */
  another?(): Promise<Ledger>
  /** The ledger's time. Absent where that cannot be moved: the cases then wait, for seconds. */
  readonly clock?: LedgerClock
  /** The server that the ledger asks. Absent where there is none. */
  readonly engine?: LedgerEngine
  /** Whether what was confirmed outlives a kill -9 of every process that has to do with the store; default `false`. */
  readonly durable?: boolean
  /** Starts a process with a ledger over the same store. Absent where a store cannot be shared. */
  startProcess?(): Promise<LedgerProcess>
  /** A ledger over the same store, by a connection that can lose answers. Absent where there is no connection. */
  lossy?(): Promise<LossyLedger>
}

/** A time that a case moves. */
export interface LedgerClock {
  /** Milliseconds. */
  now(): number
  advance(ms: number): void
}

/** The server behind a ledger. */
export interface LedgerEngine {
  /** A kill -9. */
  kill(): Promise<void>
  /** Resolves when it answers again. */
  restart(): Promise<void>
  /** Stops it as SIGSTOP does: connections stay open and nothing is answered. */
  pause(): Promise<void>
  resume(): Promise<void>
}

/** Another process with a ledger over the same store. */
export interface LedgerProcess {
  /** Makes all the claims at once; `undefined` where one throws. Rejects where the process dies. */
  claim(claims: readonly DownloadClaim[]): Promise<readonly (boolean | undefined)[]>
  /** A kill -9. */
  kill(): Promise<void>
}

/** A ledger whose store can do what it is asked while the answer is lost. */
export interface LossyLedger {
  readonly ledger: Ledger
  /** The next answer that comes is dropped, and its connection broken off. */
  loseNextAnswer(): void
  /** Answers that were dropped so far. */
  lost(): number
}

/** One rule of the ledger contract, told apart by its name, for any test runner: a failure throws. */
export interface LedgerCase {
  readonly name: string
  /** Absent: every ledger must pass. */
  readonly needs?: readonly LedgerNeed[]
  run(context: LedgerCaseContext): Promise<void>
}

/** What a ledger lacks for a case. Where it lacks anything, report the case as skipped, by its name. */
export function missingLedgerNeeds(ledgerCase: LedgerCase, context: LedgerCaseContext): LedgerNeed[] {
  const has: Readonly<Record<LedgerNeed, boolean>> = {
    another: context.another !== undefined,
    clock: context.clock !== undefined,
    engine: context.engine !== undefined,
    durable: context.durable === true,
    processes: context.startProcess !== undefined,
    lossy: context.lossy !== undefined,
  }
  return (ledgerCase.needs ?? []).filter((need) => !has[need])
}
