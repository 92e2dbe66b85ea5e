import type { AccelOptions, LatchkeyOptions } from '../../latchkey-options.js'
import { assertKnownOptions, LatchkeyError, parseDuration } from '../../token/index.js'
import { byWebServer } from './accel.js'
import type { HandOver } from './hand-over.js'
import { byStorage } from './redirect.js'

const LONGEST_REDIRECT = 3600

/**
 * How downloads are handed over; `undefined`: they are streamed.
 *
 * @throws LatchkeyError `invalid_option`, also where the storage cannot do what is asked for
 */
export function checkedDelivery(options: LatchkeyOptions): HandOver | undefined {
  const {
    accel,
    delivery = 'stream',
    redirectExpiresIn,
    revocable = false,
    storage,
    now = Date.now,
  } = options
  if (!['accel', 'redirect', 'stream'].includes(delivery)) {
    throw invalid('delivery must be stream, redirect or accel')
  }
  if ((delivery === 'accel') !== (accel !== undefined)) {
    throw invalid(
      "delivery: 'accel' and the option accel need each other, as in accel: { location: '/protected/' }",
    )
  }
  if (delivery !== 'redirect' && redirectExpiresIn !== undefined) {
    throw invalid("redirectExpiresIn needs delivery: 'redirect'")
  }
  if (accel !== undefined) {
    assertKnownOptions(accel, ACCEL_OPTIONS)
    return byWebServer(checkedAccel(accel))
  }
  if (delivery !== 'redirect') return undefined
  if (storage.presigning === undefined) {
    throw invalid("delivery: 'redirect' needs a storage with native presigned URLs, such as s3Driver")
  }
  const expiresIn = parseDuration(redirectExpiresIn ?? 60, 'redirectExpiresIn')
  if (expiresIn < 1 || expiresIn > LONGEST_REDIRECT) {
    throw invalid('redirectExpiresIn must be 1 second to 1 hour')
  }
  return byStorage(storage.presigning, expiresIn, { now, revocable })
}

const ACCEL_OPTIONS: Readonly<Record<keyof AccelOptions, true>> = { header: true, location: true }

function checkedAccel(accel: AccelOptions): AccelOptions {
  const { header = 'X-Accel-Redirect', location } = accel
  if (header !== 'X-Accel-Redirect' && header !== 'X-Sendfile') {
    throw invalid('accel.header must be X-Accel-Redirect or X-Sendfile')
  }
  if (header === 'X-Sendfile') {
    if (location !== undefined) throw invalid('accel.location is for X-Accel-Redirect alone')
    return accel
  }
  if (location === undefined || !/^\/(?:[\w.~-]+\/)+$/.test(location)) {
    throw invalid("accel.location must be that of an internal location of nginx, as in '/protected/'")
  }
  return accel
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
