import { mkdirSync, writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** How the reason begins where a driver says itself that it lacks what a case needs. */
const DECLARED = 'needs '

/**
 * Names every skipped test with its reason and, behind all of those, every failed one, and leaves the counts for `npm test`.
 * With `CI=true` a test that was skipped for want of a tool counts as failed: a check that did not run has shown nothing.
 */
export default class ResultReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0
    const failures = unhandledErrors.map((error) => `an error outside of every test: ${error}`)
    for (const module of modules) {
      for (const error of module.errors()) failures.push(`${module.moduleId}: ${error.message}`)
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') passed++
        else if (result.state === 'failed') failures.push(`${nameOf(test)}: ${result.errors[0]?.message}`)
        else {
          const reason = ('note' in result ? result.note : undefined) ?? 'no reason given'
          console.log(`SKIPPED ${test.fullName}: ${reason}`)
          if (process.env.CI === 'true' && !reason.startsWith(DECLARED)) {
            failures.push(`${nameOf(test)}: skipped, ${reason}`)
          }
        }
      }
    }
    for (const failure of failures) console.log(`FAILED ${failure}`)
    const failed = failures.length
    const folder = new URL('.output/', import.meta.url)
    mkdirSync(folder, { recursive: true })
    writeFileSync(new URL('result.json', folder), JSON.stringify({ passed, failed }))
  }
}

function nameOf({ fullName, module }: TestCase): string {
  return `${module.relativeModuleId} > ${fullName}`
}
