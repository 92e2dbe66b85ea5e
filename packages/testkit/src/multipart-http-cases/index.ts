import type { HttpCase } from '../http-case.js'
import { addressCases } from './addresses.js'
import { badPartCases } from './bad-parts.js'
import { limitCases } from './limits.js'
import { methodCases } from './methods.js'
import { mintedCases } from './minted.js'
import { preconditionCases } from './preconditions.js'
import { roundTripCases } from './round-trip.js'
import { tokenCases } from './tokens.js'
import { xmlCases } from './xml.js'

/** Uploads in parts over HTTP, rule by rule. */
export const multipartHttpCases: readonly HttpCase[] = [
  ...addressCases,
  ...roundTripCases,
  ...xmlCases,
  ...badPartCases,
  ...limitCases,
  ...preconditionCases,
  ...tokenCases,
  ...mintedCases,
  ...methodCases,
]
