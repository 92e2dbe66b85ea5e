import type { DownloadClaim } from '@latchkey/core'
import { insistingLedger } from '../conformance/insisting-ledger.js'
import { openLedger } from '../conformance/open-ledger.js'
import { answerAll, readTask } from './answer.js'

/** Opens a ledger, and makes claims as it is told. */
const { name, address, insist } = readTask<{ name: string; address: string; insist?: boolean }>()
const opened = await openLedger(name, address)
const ledger = insist ? insistingLedger(opened.ledger) : opened.ledger

answerAll((claims: readonly DownloadClaim[]) =>
  Promise.all(
    claims.map((claim) =>
      ledger.claim(claim).catch((error: unknown) => {
        console.error(error)
        return undefined
      }),
    ),
  ),
)
