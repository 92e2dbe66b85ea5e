import type { DriverCase } from '../driver-case.js'
import { concurrencyCases } from './concurrency.js'
import { failedWriteCases } from './failed-writes.js'
import { keyCases } from './keys.js'
import { metadataCases } from './metadata.js'
import { preconditionCases } from './preconditions.js'
import { rangeCases } from './ranges.js'
import { releaseCases } from './release.js'
import { roundTripCases } from './round-trip.js'
import { versionCases } from './versions.js'
import { visibilityCases } from './visibility.js'

/** Every rule that a storage driver must keep. Run all of them, each over a storage of its own. */
export const driverCases: readonly DriverCase[] = [
  ...roundTripCases,
  ...rangeCases,
  ...versionCases,
  ...preconditionCases,
  ...failedWriteCases,
  ...keyCases,
  ...metadataCases,
  ...visibilityCases,
  ...releaseCases,
  ...concurrencyCases,
]
