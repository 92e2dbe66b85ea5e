import type { GateSettings } from './http/gate-settings.js'
import type { LatchkeyOptions } from './latchkey-options.js'
import { assertAudience, assertKnownOptions, createKeyRing, LatchkeyError, parseSize } from './token/index.js'

const LATCHKEY_OPTIONS: Readonly<Record<keyof LatchkeyOptions, true>> = {
  audience: true,
  baseUrl: true,
  cors: true,
  crossOriginResourcePolicy: true,
  expiry: true,
  keys: true,
  maxUploadSize: true,
  now: true,
  onError: true,
  sniff: true,
  storage: true,
}

/** Checks the options once, so that no request meets a bad one. */
export function resolveSettings(options: LatchkeyOptions): GateSettings {
  assertKnownOptions(options, LATCHKEY_OPTIONS)
  const baseUrl = checkedBaseUrl(options.baseUrl)
  return {
    baseUrl,
    keys: createKeyRing(options.keys),
    audience: checkedAudience(options.audience ?? (baseUrl === '' ? '/' : baseUrl)),
    storage: options.storage,
    maxUploadSize: parseSize(options.maxUploadSize ?? '5gb', 'maxUploadSize'),
    sniff: options.sniff,
    cors: checkedCors(options.cors),
    crossOriginResourcePolicy: checkedResourcePolicy(options.crossOriginResourcePolicy ?? 'same-site'),
    onError: options.onError ?? ((error) => console.error(error)),
    now: options.now ?? Date.now,
  }
}

/** Without its trailing slash, so that an encoded key can be appended. */
function checkedBaseUrl(baseUrl: string): string {
  const isPath = /^\/(?!\/)/.test(baseUrl)
  const whole = isPath ? `http://localhost${baseUrl}` : baseUrl
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
      `baseUrl: '${baseUrl}' must be where the mount is reached, as in https://app.example.com/files or /files, without query, fragment or credentials`,
    )
  }
  return baseUrl.endsWith('/') ? baseUrl.slice(0, -1) : baseUrl
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

function checkedAudience(audience: string): string {
  assertAudience(audience)
  return audience
}

function checkedCors(cors: LatchkeyOptions['cors']): LatchkeyOptions['cors'] {
  const { origins, maxAge } = cors ?? {}
  if (maxAge !== undefined && (!Number.isSafeInteger(maxAge) || maxAge < 0)) {
    throw new LatchkeyError('invalid_option', 'cors.maxAge must be whole seconds, 0 or more')
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
