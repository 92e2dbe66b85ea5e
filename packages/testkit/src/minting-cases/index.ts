import type { HttpCase } from '../http-case.js'
import { batchCases } from './batches.js'
import { bodyCases } from './bodies.js'
import { limitCases } from './limits.js'
import { readingCases } from './reading.js'
import { refusalCases } from './refusals.js'
import { uploadCases } from './uploads.js'

/** How URLs are minted over HTTP, rule by rule. */
export const mintingCases: readonly HttpCase[] = [
  ...readingCases,
  ...refusalCases,
  ...bodyCases,
  ...batchCases,
  ...uploadCases,
  ...limitCases,
]
