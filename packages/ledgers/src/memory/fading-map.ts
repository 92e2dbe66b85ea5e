/** Looked at with each entry, so that what is over goes, and no call takes long. */
const SWEPT_PER_ENTRY = 2

/** A map that drops what is over, a little with each entry. */
export class FadingMap<Value> {
  readonly #entries = new Map<string, Value>()
  readonly #isOver: (value: Value) => boolean
  #sweep = this.#entries.entries()

  constructor(isOver: (value: Value) => boolean) {
    this.#isOver = isOver
  }

  get(name: string): Value | undefined {
    const value = this.#entries.get(name)
    return value === undefined || this.#isOver(value) ? undefined : value
  }

  set(name: string, value: Value): void {
    this.#forgetSome()
    this.#entries.set(name, value)
  }

  delete(name: string): void {
    this.#entries.delete(name)
  }

  /** Goes round the entries, a few at a time: in the end every one is looked at. */
  #forgetSome(): void {
    for (let looked = 0; looked < SWEPT_PER_ENTRY; looked++) {
      const next = this.#sweep.next()
      if (next.done) {
        this.#sweep = this.#entries.entries()
        return
      }
      const [name, value] = next.value
      if (this.#isOver(value)) this.#entries.delete(name)
    }
  }
}
