import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { LatchkeyError } from '@latchkey/core'
import { isBusy, type SqliteDatabase } from './database.js'
import { rollBack } from './schema.js'

/** Steps of one transaction. More would hold up other processes, and this one's other work, for longer. */
const MOST_AT_ONCE = 250
/** Between looks at a lock that another process has. */
const PAUSE_MS = 4

interface Waiting {
  readonly deadline: number
  readonly step: () => unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Does what is asked of a file that other processes change too. Calls of SQLite do not return before they are done, so
 * none of them waits for a lock: that is done between them. Changes that are asked for at about the same time share a
 * transaction, and so one wait for the disk.
 */
export class Transactions {
  readonly #database: SqliteDatabase
  readonly #patienceMs: number
  readonly #waiting: Waiting[] = []
  #running = false

  constructor(database: SqliteDatabase, patienceMs: number) {
    this.#database = database
    this.#patienceMs = patienceMs
  }

  /** Makes a change. What the step answers counts from the commit on. */
  change<T>(step: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = performance.now() + this.#patienceMs
      this.#waiting.push({ deadline, step, resolve: resolve as (answer: unknown) => void, reject })
      if (!this.#running) void this.#run()
    })
  }

  /** Reads with one statement. In WAL mode no writer is in the way, but a file that is being recovered may be. */
  async read<T>(step: () => T): Promise<T> {
    const deadline = performance.now() + this.#patienceMs
    for (;;) {
      try {
        return step()
      } catch (error) {
        if (!isBusy(error)) throw error
        if (performance.now() >= deadline) throw this.#locked(error)
        await pause()
      }
    }
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) {
      // Whatever came with the same turn of the event loop goes into the same transaction.
      await nextTurn()
      try {
        this.#database.exec('BEGIN IMMEDIATE')
      } catch (error) {
        this.#giveUp(error)
        await pause()
        continue
      }
      this.#commit(this.#waiting.splice(0, MOST_AT_ONCE))
      // Leaves the lock to other processes for a moment: they ask for it now and then, and would hardly ever meet a gap.
      if (this.#waiting.length > 0) await pause()
    }
    this.#running = false
  }

  #commit(batch: readonly Waiting[]): void {
    try {
      const answers = batch.map(({ step }) => step())
      this.#database.exec('COMMIT')
      batch.forEach(({ resolve }, at) => {
        resolve(answers[at])
      })
    } catch (error) {
      rollBack(this.#database)
      for (const { reject } of batch) reject(error)
    }
  }

  /** Rejects those that waited too long for the lock; all, where it is not the lock that is missing. */
  #giveUp(error: unknown): void {
    const busy = isBusy(error)
    const now = performance.now()
    const left = busy ? this.#waiting.filter(({ deadline }) => deadline > now) : []
    const over = this.#waiting.filter((each) => !left.includes(each))
    this.#waiting.splice(0, this.#waiting.length, ...left)
    for (const { reject } of over) reject(busy ? this.#locked(error) : error)
  }

  #locked(cause: unknown): LatchkeyError {
    const text = `the SQLite file of the ledger was locked for ${this.#patienceMs} ms`
    return new LatchkeyError('ledger_unavailable', text, { cause })
  }
}

function pause(): Promise<void> {
  // Two processes that look in step would be in each other's way for ever.
  return sleep(1 + Math.random() * PAUSE_MS)
}
