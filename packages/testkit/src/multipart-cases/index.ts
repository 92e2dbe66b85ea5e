import type { DriverCase } from '../driver-case.js'
import { abortCases } from './aborts.js'
import { completionCases } from './completions.js'
import { failedPartCases } from './failed-parts.js'
import { lifetimeCases } from './lifetimes.js'
import { limitCases } from './limits.js'
import { preconditionCases } from './preconditions.js'
import { refusalCases } from './refusals.js'
import { roundTripCases } from './round-trip.js'

/** Every rule of uploads in parts, for drivers that have `multipart`. Run all of them, each over a storage of its own. */
export const multipartCases: readonly DriverCase[] = [
  ...roundTripCases,
  ...refusalCases,
  ...limitCases,
  ...failedPartCases,
  ...preconditionCases,
  ...completionCases,
  ...abortCases,
  ...lifetimeCases,
]
