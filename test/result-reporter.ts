import { mkdirSync, writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** How the reason begins where a driver says itself that it lacks what a case needs. */
const DECLARED = 'needs '

/**
 * Names every skipped test with its reason, and leaves the counts for `npm test`. With `CI=true` a test that was
 * skipped for want of a tool counts as failed: a check that did not run has shown nothing.
 */
export default class ResultReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0
    let failed = unhandledErrors.length
    for (const module of modules) {
      if (module.errors().length > 0) failed++
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') passed++
        else if (result.state === 'failed') failed++
        else {
          const reason = ('note' in result ? result.note : undefined) ?? 'no reason given'
          console.log(`SKIPPED ${test.fullName}: ${reason}`)
          if (process.env.CI === 'true' && !reason.startsWith(DECLARED)) failed++
        }
      }
    }
    const folder = new URL('.output/', import.meta.url)
    mkdirSync(folder, { recursive: true })
    writeFileSync(new URL('result.json', folder), JSON.stringify({ passed, failed }))
  }
}
