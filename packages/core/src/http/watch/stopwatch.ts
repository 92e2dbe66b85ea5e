/** What a reply's time is told apart by. */
export type TimedPart = 'authorize' | 'ledger' | 'storage' | 'token'

/** Measures a request. */
export interface Stopwatch {
  /** Unix milliseconds. */
  readonly startedAt: number
  /** Milliseconds since the start. */
  elapsed(): number
  /** Milliseconds of a part; `undefined` where it took none. What runs at the same time counts once. */
  of(part: TimedPart): number | undefined
  /** Does something, and counts its time. */
  time<T>(part: TimedPart, act: () => T | Promise<T>): Promise<T>
  /** Counts milliseconds to a part. */
  add(part: TimedPart, milliseconds: number): void
}

/** Starts now. */
export function createStopwatch(): Stopwatch {
  const begun = performance.now()
  const spent: Partial<Record<TimedPart, number>> = {}
  const running: Partial<Record<TimedPart, { count: number; since: number }>> = {}
  const add = (part: TimedPart, milliseconds: number) => {
    spent[part] = (spent[part] ?? 0) + milliseconds
  }
  return {
    startedAt: Date.now(),
    elapsed: () => performance.now() - begun,
    of: (part) => spent[part],
    add,
    async time(part, act) {
      running[part] ??= { count: 0, since: 0 }
      const lap = running[part]
      if (lap.count++ === 0) lap.since = performance.now()
      try {
        return await act()
      } finally {
        if (--lap.count === 0) add(part, performance.now() - lap.since)
      }
    },
  }
}
