import type { HttpCase } from '../http-case.js'
import { cachingCases } from './caching.js'
import { confirmingCases } from './confirming.js'
import { confirmingFormCases } from './confirming-forms.js'
import { countingCases } from './counting.js'
import { faultCases } from './faults.js'
import { identityCases } from './identity.js'
import { resumingCases } from './resuming.js'
import { withoutLedgerCases } from './without-ledger.js'

/** How downloads are limited, rule by rule. */
export const downloadLimitCases: readonly HttpCase[] = [
  ...countingCases,
  ...identityCases,
  ...cachingCases,
  ...faultCases,
  ...resumingCases,
  ...confirmingCases,
  ...confirmingFormCases,
  ...withoutLedgerCases,
]
