import { ledgerCases, missingLedgerNeeds } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { ledgers } from './ledgers.js'

for (const [name, openStore] of Object.entries(ledgers)) {
  describe.concurrent(`the ${name} ledger`, { timeout: 60_000 }, () => {
    for (const ledgerCase of ledgerCases) {
      it(ledgerCase.name, async (test) => {
        const { context, close } = await openStore()
        try {
          const missing = missingLedgerNeeds(ledgerCase, context)
          if (missing.length > 0) test.skip(`needs ${missing.join(', ')}`)
          await ledgerCase.run(context)
        } finally {
          await close()
        }
      })
    }
  })
}
