import { mkdirSync, writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Names every skipped test with its reason, and leaves the counts for `npm test`. With `CI=true` a skipped test
 * counts as failed: a check that did not run has shown nothing.
 */
export default class ResultReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0
    let failed = unhandledErrors.length
    const skipped: string[] = []
    for (const module of modules) {
      if (module.errors().length > 0) failed++
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') passed++
        else if (result.state === 'failed') failed++
        else
          skipped.push(
            `${test.fullName}: ${'note' in result ? (result.note ?? 'no reason given') : 'not run'}`,
          )
      }
    }
    for (const line of skipped) console.log(`SKIPPED ${line}`)
    if (process.env.CI === 'true') failed += skipped.length
    const folder = new URL('.output/', import.meta.url)
    mkdirSync(folder, { recursive: true })
    writeFileSync(new URL('result.json', folder), JSON.stringify({ passed, failed, skipped: skipped.length }))
  }
}
