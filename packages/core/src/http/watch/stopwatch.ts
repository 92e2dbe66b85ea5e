/** What a reply's time is told apart by. */
export type TimedPart = 'authorize' | 'ledger' | 'storage' | 'token'

type OfParts<T> = Record<TimedPart, T>

/** Measures a request, from its making on. */
export class Stopwatch {
  /** Unix milliseconds. */
  readonly startedAt = Date.now()
  readonly #begun = performance.now()
  readonly #spent: OfParts<number | undefined> = {
    authorize: undefined,
    ledger: undefined,
    storage: undefined,
    token: undefined,
  }
  readonly #running: OfParts<number> = { authorize: 0, ledger: 0, storage: 0, token: 0 }
  readonly #since: OfParts<number> = { authorize: 0, ledger: 0, storage: 0, token: 0 }

  /** Milliseconds since the start. */
  elapsed(): number {
    return performance.now() - this.#begun
  }

  /** Milliseconds of a part; `undefined` where it took none. What runs at the same time counts once. */
  of(part: TimedPart): number | undefined {
    return this.#spent[part]
  }

  /** Does something, and counts its time. */
  async time<T>(part: TimedPart, act: () => T | Promise<T>): Promise<T> {
    if (this.#running[part]++ === 0) this.#since[part] = performance.now()
    try {
      return await act()
    } finally {
      if (--this.#running[part] === 0) this.add(part, performance.now() - this.#since[part])
    }
  }

  /** Counts milliseconds to a part. */
  add(part: TimedPart, milliseconds: number): void {
    this.#spent[part] = (this.#spent[part] ?? 0) + milliseconds
  }
}
