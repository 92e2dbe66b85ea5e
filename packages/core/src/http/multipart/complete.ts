import type { GateReply } from '../../contracts/gate.js'
import { encodeObjectKey, parseMediaType } from '../../token/index.js'
import { completeUpload } from '../completion.js'
import { type Findings, startInspection } from '../inspection.js'
import { readLimitedText } from '../limited-text.js'
import { measuresUploads } from '../measures-uploads.js'
import { completionPrecondition } from './completion-precondition.js'
import type { SessionCall } from './handle.js'
import { parsePartList } from './part-list.js'
import { reply } from './reply-format.js'

const LONGEST_LIST = 2 * 1024 * 1024

/** `POST ?uploadId`: publishes the parts as one object. Repeating it gives the same answer. */
export async function complete(call: SessionCall): Promise<GateReply> {
  const { request, key, grant, settings, storage, session, maxTotal } = call
  const parts = parsePartList(await readLimitedText(call.body, LONGEST_LIST))
  const precondition = await completionPrecondition(request, key, [session.grant, grant], settings.storage)
  const inspection = startInspection({
    sniff: settings.sniff,
    announced: parseMediaType(session.contentType) ?? '',
    allowedTypes: session.grant.allowedTypes ?? grant.allowedTypes,
    measured: measuresUploads(settings),
  })
  // Stays empty where the upload was complete before: the app has been told of it then.
  let findings: Findings = {}
  const replaced = measuresUploads(settings) ? await settings.storage.open(key) : null
  try {
    const result = await storage.complete(key, session.storageId, parts, {
      maxTotal,
      ...(precondition !== undefined && { precondition }),
      onBytes: inspection.onBytes,
      onEnd: async () => {
        findings = await inspection.finish()
      },
    })
    const { contentType, storageId } = session
    await completeUpload(
      { key, result, contentType, grant: session.grant, findings, replaced },
      settings,
    ).catch(async (error: unknown) => {
      // A repeated completion must not find the success of what was taken back.
      await storage.abort(key, storageId)
      throw error
    })
    return completed(call, result.stat.size, result.stat.etag, result.created)
  } finally {
    await replaced?.close()
  }
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
