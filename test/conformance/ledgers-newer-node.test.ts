import { ledgerCases } from '@latchkey/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { needProgram } from '../need-program.js'
import { findNewerNode } from '../newer-node.mjs'
import { scriptOf, startProgram } from '../programs/program.js'
import type { Program } from '../programs/run-script.js'

const node = findNewerNode()

/** Packages that an older Node has not, or that do not run on it. */
const NAMES = ['node:sqlite', 'better-sqlite3']

describe('the sqlite ledger on a newer Node', () => {
  let suite: Program | undefined

  beforeAll(async () => {
    if (!('path' in node)) return
    suite = await startProgram('ledger-suite', { claimingScript: await scriptOf('claiming') }, node.path)
  })
  beforeEach((context) => needProgram('Node 22.13 or later', node, context))
  afterAll(() => suite?.kill())

  for (const name of NAMES) {
    describe.concurrent(`with ${name}`, { timeout: 60_000 }, () => {
      for (const [at, ledgerCase] of ledgerCases.entries()) {
        test(ledgerCase.name, async (context) => {
          const outcome = await suite?.ask<string>({ name, at })
          if (outcome?.startsWith('needs ')) context.skip(outcome)
          expect(outcome).toBe('passed')
        })
      }
    })
  }
})
