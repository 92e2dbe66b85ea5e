import type { ReadIntent } from '../../contracts/authorize.js'
import { MAX_RESUME_WINDOW } from '../../token/fields.js'
import type { GateSettings } from '../gate-settings.js'
import { badRequest } from './bad-request.js'
import { downloadOf, flagOf, lifeOf, type Properties, wholeOf } from './properties.js'

/** What may be said of a URL that reads or removes an object. */
export const URL_PROPERTIES = [
  'expires_in',
  'operation',
  'download',
  'max_downloads',
  'resume_window',
  'confirm',
] as const

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
  { expiry, ledger }: GateSettings,
): ReadIntent {
  const expiresIn = lifeOf(properties.expires_in, `${where}expires_in`, expiry)
  const download = downloadOf(properties.download, `${where}download`)
  const maxDownloads = wholeOf(properties.max_downloads, `${where}max_downloads`, 1, Number.MAX_SAFE_INTEGER)
  if (maxDownloads !== undefined && ledger === undefined) throw badRequest('Downloads are not counted here.')
  const resumeWindow = wholeOf(properties.resume_window, `${where}resume_window`, 1, MAX_RESUME_WINDOW)
  if (resumeWindow !== undefined && maxDownloads === undefined) {
    throw badRequest(`${where}resume_window needs ${where}max_downloads.`)
  }
  return {
    operation: operationOf(properties.operation, `${where}operation`),
    key,
    ...(expiresIn !== undefined && { expiresIn }),
    ...(download !== undefined && { download }),
    ...(maxDownloads !== undefined && { maxDownloads }),
    ...(resumeWindow !== undefined && { resumeWindow }),
    ...(flagOf(properties.confirm, `${where}confirm`) && { confirm: true as const }),
  }
}

function operationOf(value: unknown, name: string): ReadIntent['operation'] {
  if (value === undefined) return 'get'
  if (value === 'get' || value === 'head' || value === 'delete') return value
  throw badRequest(`${name} must be get, head or delete.`)
}
