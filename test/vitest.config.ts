import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Only our own condition beside the usual ones: with `import` among them, Node would answer a `require` inside a
// dependency with the ESM build of a package.
const conditions = ['source']

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    // Written and run by the test of the README.
    exclude: ['**/node_modules/**', '**/.generated/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Many HTTP cases wait for a connection to be closed; they can wait together.
    maxConcurrency: 16,
    reporters: [process.env.VERBOSE ? 'verbose' : 'default', './test/result-reporter.ts'],
  },
})
