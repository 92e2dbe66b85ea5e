import { ledgerCases, missingLedgerNeeds } from '@latchkey/testkit'
import { openFileStore } from '../conformance/file-store.js'
import { answerAll, readTask } from './answer.js'
import { runScript } from './run-script.js'

/** Runs the cases of ledgers over files, on the Node that it was started with. */
const { claimingScript } = readTask<{ claimingScript: string }>()

/** What became of a case: `passed`, `needs …`, or the failure. */
async function outcomeOf(name: string, at: number): Promise<string> {
  const { context, close } = await openFileStore(name, async (ledger, address) => {
    const { ask, kill } = await runScript(claimingScript, { name: ledger, address })
    return { claim: ask, kill }
  })
  try {
    const ledgerCase = ledgerCases[at]
    if (ledgerCase === undefined) return 'there is no such case'
    const missing = missingLedgerNeeds(ledgerCase, context)
    if (missing.length > 0) return `needs ${missing.join(', ')}`
    await ledgerCase.run(context)
    return 'passed'
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  } finally {
    await close()
  }
}

answerAll(({ name, at }: { name: string; at: number }) => outcomeOf(name, at), process.version)
