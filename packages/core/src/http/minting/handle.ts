import type { Bytes } from '../../contracts/bytes.js'
import type { GateReply, GateRequest } from '../../contracts/gate.js'
import { LatchkeyError } from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { jsonReply } from '../json-reply.js'
import { refuse } from '../refusal.js'
import { reportRefusal } from '../report.js'
import type { MintingCall, MintingPlan } from './call.js'
import { takePoints } from './rate-limit.js'
import { readJson } from './read-json.js'
import type { Minting, MintingRoute } from './route.js'
import { planSignedRequest } from './signed-requests.js'
import { planSignedUpload } from './signed-uploads.js'
import { planSignedUrl } from './signed-url.js'
import { planSignedUrls } from './signed-urls.js'

const MOST_BYTES = 64 * 1024
const MOST_BYTES_OF_BATCH = 1024 * 1024

/**
 * Answers a request to mint. In this order: the body, what it asks for, the rate limit, the hook, and only then
 * anything that tells of the storage.
 */
export async function handleMinting(
  request: GateRequest,
  { route, authorize }: Minting,
  settings: GateSettings,
  body: Bytes | null,
): Promise<GateReply> {
  try {
    const mostBytes = route.type === 'signed-urls' ? MOST_BYTES_OF_BATCH : MOST_BYTES
    const json = await readJson(request, body, { mostBytes, mayBeEmpty: route.type === 'signed-url' })
    const plan = planOf(route, json, { request, settings, authorize })
    const wait = await takePoints(request, plan.points, settings.rateLimit)
    if (wait !== undefined) return refuseForNow(request, wait)
    return jsonReply(await plan.mint())
  } catch (error) {
    if (!(error instanceof LatchkeyError && error.code === 'bad_request')) throw error
    reportRefusal(request, error.code, error.message)
    return refuse(request, error.code, { detail: error.message })
  }
}

function planOf(route: MintingRoute, json: unknown, call: MintingCall): MintingPlan {
  switch (route.type) {
    case 'signed-url':
      return planSignedUrl(route.keyPath, json, call)
    case 'signed-urls':
      return planSignedUrls(json, call)
    case 'signed-uploads':
      return planSignedUpload(json, call)
    case 'signed-requests':
      return planSignedRequest(json, call)
  }
}

function refuseForNow(request: GateRequest, seconds: number): GateReply {
  reportRefusal(request, 'rate_limit_exceeded', `for ${seconds} s`)
  return refuse(request, 'rate_limit_exceeded', { headers: { 'retry-after': String(seconds) } })
}
