import type { ReadIntent } from '../../contracts/authorize.js'
import { isObjectKey, LatchkeyError, type LatchkeyErrorCode } from '../../token/index.js'
import { DETAIL } from '../refusal.js'
import { badRequest } from './bad-request.js'
import type { MintingCall, MintingPlan } from './call.js'
import { mapInOrder } from './map-in-order.js'
import { mintUrl } from './mint-url.js'
import { propertiesOf } from './properties.js'
import { readUrlIntent, URL_PROPERTIES } from './read-url-intent.js'

const MOST_URLS = 1000

/** How many are decided about at a time: the app's own database is asked for each. */
const WIDTH = 16

/** What can be the matter with one key while the others get their URLs. */
const OF_ONE_KEY: readonly LatchkeyErrorCode[] = ['unauthorized', 'forbidden', 'not_found', 'bad_request']

/**
 * `POST /signed-urls`: URLs for a list of keys, decided about one by one, answered in the list's order. What is
 * malformed refuses the whole list, a key that is none only itself. Where nobody is known for any of the keys, the
 * answer is 401.
 */
export function planSignedUrls(body: unknown, call: MintingCall): MintingPlan {
  const { urls } = propertiesOf(body, ['urls'], 'The body')
  if (!Array.isArray(urls) || urls.length < 1 || urls.length > MOST_URLS) {
    throw badRequest(`urls must be a list of 1 to ${MOST_URLS}.`)
  }
  const intents = urls.map((item: unknown, at) => readItem(item, `urls[${at}]`, call))
  return {
    points: intents.length,
    async mint() {
      const results = await mapInOrder(intents, WIDTH, (intent) => resultOf(intent, call))
      if (results.every((result) => 'code' in result && result.code === 'unauthorized')) {
        throw new LatchkeyError('unauthorized', 'authorize: unauthorized for every key')
      }
      return { urls: results }
    },
  }
}

function readItem(item: unknown, where: string, { settings }: MintingCall): ReadIntent {
  const { key, ...properties } = propertiesOf(item, ['key', ...URL_PROPERTIES], where)
  if (typeof key !== 'string') throw badRequest(`${where}.key must be a text.`)
  return readUrlIntent(key, properties, `${where}.`, settings)
}

type Result =
  | { readonly key: string; readonly url: string; readonly expires_at: string }
  | { readonly key: string; readonly code: LatchkeyErrorCode; readonly detail: string }

async function resultOf(intent: ReadIntent, call: MintingCall): Promise<Result> {
  const { key } = intent
  if (!isObjectKey(key)) return { key, code: 'invalid_key', detail: DETAIL.invalid_key }
  try {
    const { url, expiresAt } = await mintUrl(call, intent)
    return { key, url, expires_at: expiresAt.toISOString() }
  } catch (error) {
    if (!(error instanceof LatchkeyError && OF_ONE_KEY.includes(error.code))) throw error
    return { key, code: error.code, detail: DETAIL[error.code] }
  }
}
