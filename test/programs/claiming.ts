import type { DownloadClaim } from '@latchkey/core'
import { openLedger } from '../conformance/open-ledger.js'
import { answerAll, readTask } from './answer.js'

/** Opens a ledger, and makes claims as it is told. */
const { name, address } = readTask<{ name: string; address: string }>()
const { ledger } = await openLedger(name, address)

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
