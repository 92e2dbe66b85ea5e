import type { Operation } from './grant.js'
import type { NarrowingOptions } from './narrowing-options.js'
import { invalid } from './option-values.js'

const READS: readonly Operation[] = ['get', 'head']
const UPLOADS: readonly Operation[] = ['put']

/** The options that are about some operations only. */
const OPERATIONS_OF: readonly (readonly [keyof NarrowingOptions, readonly Operation[]])[] = [
  ['maxDownloads', ['get']],
  ['resumeWindow', ['get']],
  ['confirm', ['get']],
  ['download', READS],
  ['cacheControlMaxAge', [...READS, ...UPLOADS]],
  ['maxSize', UPLOADS],
  ['allowedTypes', UPLOADS],
  ['addRandomSuffix', UPLOADS],
  ['allowOverwrite', UPLOADS],
  ['visibility', UPLOADS],
  ['pin', UPLOADS],
  ['ifMatch', ['put', 'delete']],
]

/**
 * Checks that no option is given that the operation has no use for.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function requireFittingOperation(options: NarrowingOptions & { readonly operation: Operation }): void {
  for (const [name, operations] of OPERATIONS_OF) {
    if (options[name] === undefined || operations.includes(options.operation)) continue
    throw invalid(`${name} does not go with the operation ${options.operation}`)
  }
}
