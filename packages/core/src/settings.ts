import type { StorageDriver } from './contracts/storage-driver.js'
import { checkedDelivery } from './http/delivery/settings.js'
import { checkedUploads } from './http/direct/settings.js'
import type { GateSettings, MultipartSettings } from './http/gate-settings.js'
import { uploadsAudience } from './http/multipart/audience.js'
import { revocationSpace } from './http/revocation-names.js'
import { routesAudience } from './http/routes/audience.js'
import type { CorsOptions, LatchkeyOptions, MultipartOptions } from './latchkey-options.js'
import {
  assertAudience,
  assertKnownOptions,
  createKeyRing,
  expiryBounds,
  LatchkeyError,
  OpenedTokens,
  parseDuration,
  parseSize,
} from './token/index.js'

const LATCHKEY_OPTIONS: Readonly<Record<keyof LatchkeyOptions, true>> = {
  accel: true,
  appUrl: true,
  audience: true,
  authorize: true,
  baseUrl: true,
  cors: true,
  crossOriginResourcePolicy: true,
  delivery: true,
  expiry: true,
  keys: true,
  ledger: true,
  maxUploadSize: true,
  multipart: true,
  now: true,
  onError: true,
  onUploadCompleted: true,
  rateLimit: true,
  redirectExpiresIn: true,
  revocable: true,
  serverTiming: true,
  sniff: true,
  storage: true,
  tokenCacheSize: true,
  uploads: true,
  visibility: true,
  webhook: true,
}

/** Checks the options once, so that no request meets a bad one. */
export function resolveSettings(options: LatchkeyOptions): GateSettings {
  assertKnownOptions(options, LATCHKEY_OPTIONS)
  const baseUrl = checkedUrl(options.baseUrl, 'baseUrl')
  const audience = checkedAudience(options.audience ?? (baseUrl === '' ? '/' : baseUrl))
  return {
    baseUrl,
    appUrl: options.appUrl === undefined ? originOf(baseUrl) : checkedUrl(options.appUrl, 'appUrl'),
    keys: createKeyRing(options.keys ?? []),
    audience,
    remembered: tokenMemory(options.tokenCacheSize ?? 1024),
    storage: checkedStorage(options.storage),
    ledger: checkedLedger(options.ledger),
    revocable: checkedRevocable(options),
    revocationSpace: revocationSpace(audience),
    expiry: expiryBounds(options.expiry),
    handOver: checkedDelivery(options),
    maxUploadSize: parseSize(options.maxUploadSize ?? '5gb', 'maxUploadSize'),
    sniff: options.sniff,
    cors: checkedCors(options.cors),
    onUploadCompleted: options.onUploadCompleted,
    visibility: checkedVisibility(options.visibility),
    webhook: options.webhook,
    authorize: checkedHook(options.authorize),
    rateLimit: checkedRateLimit(options.rateLimit),
    multipart: checkedMultipart(options.multipart),
    direct: checkedUploads(options),
    crossOriginResourcePolicy: checkedResourcePolicy(options.crossOriginResourcePolicy ?? 'same-site'),
    serverTiming: checkedServerTiming(options.serverTiming),
    onError: options.onError ?? ((error) => console.error(error)),
    now: options.now ?? Date.now,
  }
}

function tokenMemory(size: number): OpenedTokens | undefined {
  if (!Number.isSafeInteger(size) || size < 0 || size > 1_000_000) {
    throw new LatchkeyError('invalid_option', 'tokenCacheSize must be a whole number, 0 to 1 000 000')
  }
  return size === 0 ? undefined : new OpenedTokens(size)
}

/** Without its trailing slash, so that a path can be appended. */
function checkedUrl(given: string, name: 'appUrl' | 'baseUrl'): string {
  const isPath = /^\/(?!\/)/.test(given)
  const whole = isPath ? `http://localhost${given}` : given
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  const isPlain = url?.href === whole || url?.href === `${whole}/`
  if (
    url === undefined ||
    !isPlain ||
    !/^https?:$/.test(url.protocol) ||
    url.search + url.hash + url.username !== ''
  ) {
    throw new LatchkeyError(
      'invalid_option',
      `${name}: '${given}' must be where clients reach it, as in https://app.example.com/files or /files, without query, fragment or credentials`,
    )
  }
  return given.endsWith('/') ? given.slice(0, -1) : given
}

function originOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).origin : ''
}

function checkedResourcePolicy(policy: string): string {
  if (!['same-origin', 'same-site', 'cross-origin'].includes(policy)) {
    throw new LatchkeyError(
      'invalid_option',
      'crossOriginResourcePolicy must be same-origin, same-site or cross-origin',
    )
  }
  return policy
}

function checkedServerTiming(serverTiming = true): boolean {
  if (typeof serverTiming !== 'boolean') {
    throw new LatchkeyError('invalid_option', 'serverTiming must be true or false')
  }
  return serverTiming
}

function checkedAudience(audience: string): string {
  assertAudience(audience)
  // Uploads in parts and signed routes have audiences of their own, which must be no other mount's.
  for (const derived of [uploadsAudience, routesAudience]) {
    assertAudience(derived(audience))
    if (audience.endsWith(derived(''))) {
      throw new LatchkeyError('invalid_option', `audience must not end in ${derived('')}`)
    }
  }
  return audience
}

function checkedStorage(storage: StorageDriver): StorageDriver {
  if (typeof storage?.open !== 'function' || typeof storage.write !== 'function') {
    throw new LatchkeyError('invalid_option', 'storage must be a driver, such as fsDriver({ root })')
  }
  return storage
}

const MULTIPART_OPTIONS: Readonly<Record<keyof MultipartOptions, true>> = { partSize: true, ttl: true }
const CORS_OPTIONS: Readonly<Record<keyof CorsOptions, true>> = {
  credentials: true,
  maxAge: true,
  origins: true,
}

function checkedMultipart(options: MultipartOptions = {}): MultipartSettings {
  assertKnownOptions(options, MULTIPART_OPTIONS)
  const { ttl = '24h', partSize = '8mb' } = options
  const checked = {
    ttl: parseDuration(ttl, 'multipart.ttl'),
    partSize: parseSize(partSize, 'multipart.partSize'),
  }
  if (checked.ttl < 60 || checked.ttl > 604_800) {
    throw new LatchkeyError('invalid_option', 'multipart.ttl must be 1 minute to 7 days')
  }
  if (checked.partSize < 65_536 || checked.partSize > 5 * 1024 ** 3) {
    throw new LatchkeyError('invalid_option', 'multipart.partSize must be 64 KiB to 5 GiB')
  }
  return checked
}

function checkedHook(authorize: LatchkeyOptions['authorize']): LatchkeyOptions['authorize'] {
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw new LatchkeyError('invalid_option', 'authorize must be a function')
  }
  return authorize
}

function checkedVisibility(visibility: LatchkeyOptions['visibility']): LatchkeyOptions['visibility'] {
  if (visibility !== undefined && visibility !== 'private' && typeof visibility !== 'function') {
    throw new LatchkeyError(
      'invalid_option',
      "visibility must be a function, or 'private' for no public objects",
    )
  }
  return visibility
}

function checkedRateLimit(rateLimit: LatchkeyOptions['rateLimit']): LatchkeyOptions['rateLimit'] {
  if (rateLimit === undefined) return undefined
  if (typeof rateLimit?.limiter?.consume !== 'function' || typeof rateLimit.keyOf !== 'function') {
    throw new LatchkeyError('invalid_option', 'rateLimit needs a limiter that can consume, and keyOf')
  }
  return rateLimit
}

const LEDGER_OPERATIONS = ['claim', 'release', 'isSpent', 'revoke', 'isRevoked'] as const

function checkedLedger(ledger: LatchkeyOptions['ledger']): LatchkeyOptions['ledger'] {
  if (ledger === undefined) return undefined
  for (const operation of LEDGER_OPERATIONS) {
    if (typeof ledger?.[operation] === 'function') continue
    throw new LatchkeyError(
      'invalid_option',
      `ledger must be a ledger, such as memoryLedger(); it lacks ${operation}()`,
    )
  }
  return ledger
}

function checkedRevocable({ ledger, revocable }: LatchkeyOptions): boolean {
  if (revocable !== undefined && typeof revocable !== 'boolean') {
    throw new LatchkeyError('invalid_option', 'revocable must be true or false')
  }
  if (revocable === true && ledger === undefined) {
    throw new LatchkeyError('invalid_option', 'revocable needs a ledger, which remembers what was revoked')
  }
  return revocable === true
}

function checkedCors(cors: LatchkeyOptions['cors']): LatchkeyOptions['cors'] {
  assertKnownOptions(cors ?? {}, CORS_OPTIONS)
  const { origins, maxAge, credentials } = cors ?? {}
  if (maxAge !== undefined && (!Number.isSafeInteger(maxAge) || maxAge < 0)) {
    throw new LatchkeyError('invalid_option', 'cors.maxAge must be whole seconds, 0 or more')
  }
  if (credentials !== undefined && typeof credentials !== 'boolean') {
    throw new LatchkeyError('invalid_option', 'cors.credentials must be true or false')
  }
  if (credentials === true && origins === '*') {
    throw new LatchkeyError('invalid_option', 'cors.credentials needs a list of origins: not every site may')
  }
  if (origins === undefined || origins === '*') return cors
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new LatchkeyError(
        'invalid_option',
        `cors.origins: '${origin}' is no origin; write scheme, host and port as in https://app.example.com`,
      )
    }
  }
  return cors
}
