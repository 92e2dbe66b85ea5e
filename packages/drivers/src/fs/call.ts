type Failure = NodeJS.ErrnoException | null

/**
 * One callback of `node:fs` as a promise. Not `fs/promises`, whose `FileHandle` objects make an open and a close
 * half as dear again.
 */
export function call<T>(start: (done: (error: Failure, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value)))
  })
}

/** As `call`, for those that give no value. */
export function run(start: (done: (error: Failure) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()))
  })
}

/** The system's name of an error (`ENOENT`), or `undefined` for what is no system error. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
