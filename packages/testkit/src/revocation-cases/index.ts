import type { HttpCase } from '../http-case.js'
import { cookieCases } from './cookies.js'
import { descentCases } from './descent.js'
import { groupCases } from './groups.js'
import { lookupCases } from './look-ups.js'
import { mintedCases } from './minted.js'
import { partCases } from './parts.js'
import { singleCases } from './singles.js'

/** How tokens are revoked, rule by rule. */
export const revocationCases: readonly HttpCase[] = [
  ...singleCases,
  ...descentCases,
  ...cookieCases,
  ...groupCases,
  ...lookupCases,
  ...partCases,
  ...mintedCases,
]
