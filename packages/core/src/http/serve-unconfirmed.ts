import type { GateReply, GateRequest } from '../contracts/gate.js'
import { type Grant, LatchkeyError } from '../token/index.js'
import { CONFIRMATION_PAGE_POLICY, confirmationPage } from './confirmation-page.js'
import { fileName, keptAsFile } from './disposition.js'
import { isResuming, requireDownloadsLeft } from './download-count.js'
import type { GateSettings } from './gate-settings.js'
import { pageReply } from './html-page.js'
import { isPrefetch } from './prefetch.js'
import { refuse, wantsPage } from './refusal.js'
import { asksForPart, serveCounted } from './serve-counted.js'
import { noteAdmission } from './watch/request-watch.js'

/**
 * GET and HEAD with a token whose downloads must be confirmed: a page that asks, to a person who navigates; else a
 * refusal that says how. Neither costs anything. Only a client in the middle of a download that was confirmed gets
 * parts of it, as a media player or a download manager asks for them.
 */
export async function serveUnconfirmed(
  request: GateRequest,
  key: string,
  grant: Grant,
  settings: GateSettings,
): Promise<GateReply> {
  if (isPrefetch(request)) {
    throw new LatchkeyError('prefetch_refused', 'a prefetch of what must be confirmed first')
  }
  const wanted = { request, key, grant, settings }
  const isPart = request.method === 'GET' && asksForPart(request, settings)
  if (isPart && (await isResuming(wanted))) {
    return serveCounted(request, key, keptAsFile(grant), settings)
  }
  await requireDownloadsLeft(wanted, false)
  if (!wantsPage(request)) throw new LatchkeyError('confirmation_required', 'the download was not confirmed')
  if ((await settings.storage.stat(key)) === null) return refuse(request, 'not_found')
  noteAdmission(request, { key, access: 'token', grant, asksFirst: true })
  const text = confirmationPage({
    name: fileName(key, grant.download),
    inline: grant.download?.disposition === 'inline',
    limited: grant.downloadLimits.length > 0,
  })
  return pageReply(request, 200, text, CONFIRMATION_PAGE_POLICY)
}
