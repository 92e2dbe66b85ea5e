import type { GateReply } from '../../contracts/gate.js'
import { encodeObjectKey, type Grant, intersectTypes, parseMediaType } from '../../token/index.js'
import { requireUnread } from '../announcement.js'
import { completeUpload } from '../completion.js'
import { type Findings, startInspection } from '../inspection.js'
import { readLimitedText } from '../limited-text.js'
import { measuresUploads } from '../measures-uploads.js'
import { holdReplaced } from '../replaced-version.js'
import { reportFault } from '../report.js'
import { reportReceived } from '../watch/report-stored.js'
import { completionPrecondition } from './completion-precondition.js'
import type { SessionCall } from './handle.js'
import { inTurn } from './in-turn.js'
import { type ListedPart, parsePartList } from './part-list.js'
import { reply } from './reply-format.js'

const LONGEST_LIST = 2 * 1024 * 1024

/** `POST ?uploadId`: publishes the parts as one object. Repeating it gives the same answer. */
export async function complete(call: SessionCall): Promise<GateReply> {
  requireUnread(call.request)
  const parts = parsePartList(await readLimitedText(call.body, LONGEST_LIST))
  return inTurn(call.session.storageId, () => publish(call, parts))
}

async function publish(call: SessionCall, parts: readonly ListedPart[]): Promise<GateReply> {
  const { request, key, grant, settings, storage, session, maxTotal } = call
  const { contentType, storageId } = session
  const precondition = await completionPrecondition(request, key, [session.grant, grant], settings.storage)
  const inspection = startInspection({
    sniff: settings.sniff,
    announced: parseMediaType(contentType) ?? '',
    allowedTypes: allowedByBoth(session.grant, grant),
    measured: measuresUploads(settings),
  })
  // Stays empty where the upload was complete before: the app has been told of it then.
  let findings: Findings = {}
  let isFirst = false
  const replaced = await holdReplaced(key, precondition, settings)
  try {
    const result = await storage.complete(key, storageId, parts, {
      maxTotal,
      ...(replaced.precondition !== undefined && { precondition: replaced.precondition }),
      onBytes: inspection.onBytes,
      onEnd: async () => {
        isFirst = true
        findings = await inspection.finish()
        await replaced.look()
      },
    })
    const stored = { key, result, contentType, grant: session.grant, findings, replaced }
    await completeUpload(stored, settings).catch(async (error: unknown) => {
      // A repeated completion must not find the success of what was taken back.
      await storage.abort(key, storageId).catch((abortError) => reportFault(abortError, request, settings))
      throw error
    })
    if (isFirst) {
      const { stat, created } = result
      const { visibility } = session.grant
      reportReceived(
        request,
        { key, size: stat.size, contentType, created, multipart: true, visibility },
        session.grant,
      )
    }
    return completed(call, result.stat.size, result.stat.etag, result.created)
  } finally {
    await replaced.release()
  }
}

function allowedByBoth(
  { allowedTypes: one }: Grant,
  { allowedTypes: other }: Grant,
): readonly string[] | undefined {
  return one === undefined || other === undefined ? (one ?? other) : intersectTypes(one, other)
}

function completed(call: SessionCall, size: number, etag: string, created: boolean): GateReply {
  const { request, key, session, settings } = call
  const { contentType, grant } = session
  const location = `${settings.baseUrl}${encodeObjectKey(key)}`
  const headers = { etag, location }
  return reply(
    request,
    created ? 201 : 200,
    { key, size, contentType, etag, visibility: grant.visibility },
    [
      'CompleteMultipartUploadResult',
      [
        ['Location', location],
        ['Bucket', 'latchkey'],
        ['Key', key],
        ['ETag', etag],
      ],
    ],
    headers,
  )
}
