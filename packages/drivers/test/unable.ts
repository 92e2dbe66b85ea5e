import type { TestContext } from 'vitest'

/** Skips a test that this machine cannot run, saying why; in continuous integration that is a failure. */
export function unable(test: TestContext, reason: string): never {
  const { CI } = process.env
  if (CI === 'true') throw new Error(`This must be able to run here: ${reason}`)
  test.skip(reason)
}
