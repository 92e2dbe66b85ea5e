/** Counts what is under way at once, for who takes less memory for each where there are many. */
export class UnderWay {
  readonly #few: number
  #count = 0

  /** @param few more at once are many */
  constructor(few: number) {
    this.#few = few
  }

  /** One more is under way: every call is followed by one of `end`. */
  begin(): void {
    this.#count++
  }

  /** One is over. */
  end(): void {
    this.#count--
  }

  get areMany(): boolean {
    return this.#count > this.#few
  }
}
