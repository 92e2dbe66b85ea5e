import { LatchkeyError } from './latchkey-error.js'

/**
 * Refuses options that do not exist: a misspelt limit would otherwise be no limit.
 *
 * @param known every option there is
 * @throws LatchkeyError `invalid_option`
 */
export function assertKnownOptions(options: object, known: Readonly<Record<string, true>>): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    throw new LatchkeyError(
      'invalid_option',
      `There is no option '${name}'; there are ${Object.keys(known).join(', ')}`,
    )
  }
}
