import type { LedgerCase } from '../ledger-case.js'
import { attemptCases } from './attempts.js'
import { claimCases } from './claims.js'
import { engineCases } from './engine.js'
import { expiryCases } from './expiry.js'
import { lostAnswerCases } from './lost-answers.js'
import { processCases } from './processes.js'
import { releaseCases } from './releases.js'
import { revocationCases } from './revocations.js'
import { spentCases } from './spent.js'
import { textCases } from './texts.js'
import { windowCases } from './windows.js'

/** Every rule that a ledger must keep. Run all of them, each over a store of its own. */
export const ledgerCases: readonly LedgerCase[] = [
  ...claimCases,
  ...attemptCases,
  ...releaseCases,
  ...windowCases,
  ...spentCases,
  ...expiryCases,
  ...textCases,
  ...revocationCases,
  ...processCases,
  ...lostAnswerCases,
  ...engineCases,
]
