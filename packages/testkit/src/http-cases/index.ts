import type { HttpCase } from '../http-case.js'
import { addressCases } from './addresses.js'
import { brokenObjectCases } from './broken-objects.js'
import { cacheRuleCases } from './cache-rules.js'
import { conditionalCases } from './conditionals.js'
import { connectionCases } from './connections.js'
import { cookieSigningCases } from './cookie-signing.js'
import { cookieCases } from './cookies.js'
import { corsCases } from './cors.js'
import { disconnectCases } from './disconnects.js'
import { downloadCases } from './downloads.js'
import { eventCases } from './events.js'
import { faultCases } from './faults.js'
import { flipCases } from './flips.js'
import { foreignTokenCases } from './foreign-tokens.js'
import { keyCases } from './keys.js'
import { lesserStorageCases } from './lesser-storages.js'
import { orderCases } from './order-of-checks.js'
import { pathTokenForgeryCases } from './path-token-forgeries.js'
import { pathTokenRefusalCases } from './path-token-refusals.js'
import { pathTokenCases } from './path-tokens.js'
import { rangeCases } from './ranges.js'
import { refusalCases } from './refusals.js'
import { refusedPathCases } from './refused-paths.js'
import { removalCases } from './removal.js'
import { replyHeaderCases } from './reply-headers.js'
import { serverTimingCases } from './server-timing.js'
import { servingCases } from './serving.js'
import { stableUrlCases } from './stable-urls.js'
import { tokenTimeCases } from './token-times.js'
import { tokenCases } from './tokens.js'
import { treeUrlCases } from './tree-urls.js'
import { uploadBodyCases } from './upload-bodies.js'
import { uploadConditionCases } from './upload-conditions.js'
import { uploadLimitCases } from './upload-limits.js'
import { uploadRaceCases } from './upload-races.js'
import { uploadTypeCases } from './upload-types.js'
import { uploadCases } from './uploads.js'
import { visibilityCases } from './visibility.js'
import { visibilityRuleCases } from './visibility-rules.js'
import { whichCookieCases } from './which-cookie.js'

/** Latchkey's HTTP behaviour, rule by rule. */
export const httpCases: readonly HttpCase[] = [
  ...servingCases,
  ...rangeCases,
  ...conditionalCases,
  ...cacheRuleCases,
  ...replyHeaderCases,
  ...serverTimingCases,
  ...downloadCases,
  ...visibilityCases,
  ...flipCases,
  ...visibilityRuleCases,
  ...tokenCases,
  ...foreignTokenCases,
  ...tokenTimeCases,
  ...treeUrlCases,
  ...pathTokenCases,
  ...pathTokenRefusalCases,
  ...pathTokenForgeryCases,
  ...cookieSigningCases,
  ...cookieCases,
  ...whichCookieCases,
  ...addressCases,
  ...stableUrlCases,
  ...orderCases,
  ...keyCases,
  ...refusedPathCases,
  ...refusalCases,
  ...corsCases,
  ...uploadCases,
  ...uploadConditionCases,
  ...uploadLimitCases,
  ...uploadTypeCases,
  ...uploadBodyCases,
  ...uploadRaceCases,
  ...connectionCases,
  ...removalCases,
  ...disconnectCases,
  ...eventCases,
  ...faultCases,
  ...brokenObjectCases,
  ...lesserStorageCases,
]
