import type { ReadIntent } from '../../contracts/authorize.js'
import type { ExpiryBounds } from '../../token/index.js'
import { badRequest } from './bad-request.js'
import { downloadOf, lifeOf, type Properties } from './properties.js'

/** What may be said of a URL that reads or removes an object. */
export const URL_PROPERTIES = ['expires_in', 'operation', 'download'] as const

/**
 * Reads what is asked for of a URL.
 *
 * @param where what stands before the names of properties in messages: `urls[3].`
 * @throws LatchkeyError `bad_request`
 */
export function readUrlIntent(
  key: string,
  properties: Properties,
  where: string,
  bounds: ExpiryBounds,
): ReadIntent {
  const expiresIn = lifeOf(properties.expires_in, `${where}expires_in`, bounds)
  const download = downloadOf(properties.download, `${where}download`)
  return {
    operation: operationOf(properties.operation, `${where}operation`),
    key,
    ...(expiresIn !== undefined && { expiresIn }),
    ...(download !== undefined && { download }),
  }
}

function operationOf(value: unknown, name: string): ReadIntent['operation'] {
  if (value === undefined) return 'get'
  if (value === 'get' || value === 'head' || value === 'delete') return value
  throw badRequest(`${name} must be get, head or delete.`)
}
