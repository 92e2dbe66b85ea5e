import type { HttpCase } from '../http-case.js'
import { conditionalCases } from './conditionals.js'
import { keyCases } from './keys.js'
import { orderCases } from './order-of-checks.js'
import { rangeCases } from './ranges.js'
import { servingCases } from './serving.js'
import { tokenTimeCases } from './token-times.js'
import { tokenCases } from './tokens.js'

/** Latchkey's HTTP behaviour, rule by rule. */
export const httpCases: readonly HttpCase[] = [
  ...servingCases,
  ...rangeCases,
  ...conditionalCases,
  ...tokenCases,
  ...tokenTimeCases,
  ...orderCases,
  ...keyCases,
]
