import { addresses } from './addresses.js'
import type { TokenCase } from './case.js'
import { confirmation } from './confirmation.js'
import { delegations } from './delegations.js'
import { downloadLimits } from './download-limits.js'
import { foreign } from './foreign.js'
import { grammar } from './grammar.js'
import { pins } from './pins.js'
import { places } from './places.js'
import { revocation } from './revocation.js'
import { texts } from './texts.js'
import { times } from './times.js'
import { valid } from './valid.js'

export type { TokenCase }

export const TOKEN_CASES: readonly TokenCase[] = [
  ...valid,
  ...times,
  ...foreign,
  ...grammar,
  ...texts,
  ...places,
  ...pins,
  ...downloadLimits,
  ...confirmation,
  ...revocation,
  ...delegations,
  ...addresses,
]
