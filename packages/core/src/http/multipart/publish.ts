import type { CompleteMultipartOptions } from '../../contracts/multipart-storage.js'
import type { WriteResult } from '../../contracts/storage-driver.js'
import { type Grant, intersectTypes, parseMediaType } from '../../token/index.js'
import { completeUpload } from '../completion.js'
import { type Findings, startInspection } from '../inspection.js'
import { measuresUploads } from '../measures-uploads.js'
import { holdReplaced } from '../replaced-version.js'
import { reportFault } from '../report.js'
import { reportReceived } from '../watch/report-stored.js'
import { completionPrecondition } from './completion-precondition.js'
import type { UploadCall } from './handle.js'

/** How the storage publishes an upload that was begun, and gives it up. */
export interface Publishing {
  /** Whether it came in parts; known when it is complete. */
  inParts(): boolean
  complete(options: CompleteMultipartOptions): Promise<WriteResult>
  abort(): Promise<void>
}

/** Has an upload published within its limits and those of the request, and the app told of it. */
export async function publish(call: UploadCall, publishing: Publishing): Promise<WriteResult> {
  const { request, key, grant, settings, session, maxTotal } = call
  const { contentType } = session
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
    const result = await publishing.complete({
      maxTotal,
      ...(replaced.precondition !== undefined && { precondition: replaced.precondition }),
      ...(inspection.onBytes !== undefined && { onBytes: inspection.onBytes }),
      onEnd: async () => {
        isFirst = true
        findings = await inspection.finish()
        await replaced.look()
      },
    })
    const stored = { key, result, contentType, grant: session.grant, findings, replaced }
    await completeUpload(stored, settings).catch(async (error: unknown) => {
      // A repeated completion must not find the success of what was taken back.
      await publishing.abort().catch((abortError) => reportFault(abortError, request, settings))
      throw error
    })
    if (isFirst) {
      const { stat, created } = result
      const { visibility } = session.grant
      reportReceived(
        request,
        { key, size: stat.size, contentType, created, multipart: publishing.inParts(), visibility },
        session.grant,
      )
    }
    return result
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
