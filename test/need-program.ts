import type { TestContext } from 'vitest'
import type { Found } from './program.mjs'

/** Skips a test by name where its program is missing. In CI it fails: a check that did not run has shown nothing. */
export function needProgram(name: string, found: Found, context: Pick<TestContext, 'skip'>): void {
  if ('path' in found) return
  const reason = `needs ${name}: ${found.missing}`
  if (process.env.CI === 'true') throw new Error(reason)
  context.skip(reason)
}
