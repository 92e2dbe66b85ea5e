import type { GateReply, GateRequest } from '../contracts/gate.js'
import { authenticate, authenticateByCookie, refuseToken, refuseTokenless } from './access.js'
import { ofCurrentVersion } from './current-version.js'
import type { GateSettings } from './gate-settings.js'
import { hasPublicObjects, isPublic } from './public-access.js'
import { serveCounted } from './serve-counted.js'
import { hasBytes, headOf, sendObject, serveObject } from './serve-object.js'
import { serveUnconfirmed } from './serve-unconfirmed.js'
import type { Target } from './target.js'
import { mayKnowTimes, noteAdmission } from './watch/request-watch.js'

/** GET and HEAD. Access first, then existence, conditions and range: a refused stranger learns nothing. */
export async function serve(
  request: GateRequest,
  target: Target,
  settings: GateSettings,
): Promise<GateReply> {
  const operation = request.method === 'HEAD' ? 'head' : 'get'
  if (target.token === undefined) return serveTokenless(request, target.key, operation, settings)
  const access = await authenticate(request, target, operation, settings, ['confirm', 'downloads'])
  if ('refusal' in access) return access.refusal
  const { grant } = access
  noteAdmission(request, { key: target.key, access: 'token', grant })
  if (grant.confirm) return serveUnconfirmed(request, target.key, grant, settings)
  const serveIt = grant.downloadLimits.length === 0 ? serveObject : serveCounted
  return serveIt(request, target.key, grant, settings)
}

/** What a cookie opens, else what is public. */
async function serveTokenless(
  request: GateRequest,
  key: string,
  operation: 'get' | 'head',
  settings: GateSettings,
): Promise<GateReply> {
  const cookie = await authenticateByCookie(request, key, operation, settings)
  if (cookie?.ok !== true) {
    const refuseIt = () => {
      if (cookie === undefined) return refuseTokenless(request)
      if ('fault' in cookie) throw cookie.fault
      return refuseToken(request, cookie)
    }
    const reply = await servePublic(request, key, settings, refuseIt)
    if (reply.status < 400) {
      mayKnowTimes(request)
      noteAdmission(request, { key, access: 'public', grant: null })
    }
    return reply
  }
  mayKnowTimes(request)
  noteAdmission(request, { key, access: 'cookie', grant: cookie.grant })
  const reply = await serveObject(request, key, cookie.grant, settings)
  // A browser that has lost the cookie, or has another one, must not show its copy.
  const { vary } = reply.headers
  return { ...reply, headers: { ...reply.headers, vary: vary === undefined ? 'Cookie' : `${vary}, Cookie` } }
}

/** Without access an object that is private and one that is not there get the same answer. */
async function servePublic(
  request: GateRequest,
  key: string,
  settings: GateSettings,
  refuseIt: () => GateReply,
): Promise<GateReply> {
  if (!hasPublicObjects(settings)) return refuseIt()
  const stat = await settings.storage.stat(key)
  if (stat === null || !(await isPublic(key, stat, request, settings))) return refuseIt()
  const head = headOf(request, key, stat, null, settings)
  if (request.method === 'HEAD') return { ...head, body: null }
  if (!hasBytes(head)) return head
  return ofCurrentVersion(async () => {
    const object = await settings.storage.open(key)
    if (object === null) return refuseIt()
    return sendObject(request, key, object, null, settings, async () => {
      // Replaced or made private between the look and the opening.
      const isSame = object.stat.etag === stat.etag && object.stat.visibility === stat.visibility
      return isSame || (await isPublic(key, object.stat, request, settings))
    })
  })
}
