/**
 * What was made lately, by name: at most `limit` entries. Of those that are no longer asked for, the older half goes at
 * once, which costs less than to keep an order.
 */
export class Recent<Value> {
  readonly #half: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  constructor(limit: number) {
    this.#half = Math.max(1, limit >> 1)
  }

  get(name: string): Value | undefined {
    const value = this.#young.get(name)
    if (value !== undefined) return value
    const older = this.#old.get(name)
    if (older !== undefined) this.set(name, older)
    return older
  }

  set(name: string, value: Value): void {
    if (this.#young.size >= this.#half && !this.#young.has(name)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(name, value)
  }

  /** Entries of both halves; one that was asked for again counts twice until its old half goes. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}
