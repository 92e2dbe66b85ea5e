import type { GateReply } from '../../contracts/gate.js'
import { LatchkeyError } from '../../token/index.js'
import { HEAD_BYTES } from '../inspection.js'
import { measuresUploads } from '../measures-uploads.js'
import { inTurn } from '../multipart/in-turn.js'
import { publish } from '../multipart/publish.js'
import { reportFault } from '../report.js'
import { STATUS } from '../status.js'
import { storedReply } from '../stored-reply.js'
import type { DirectSessionCall } from './handle.js'

/**
 * `POST ?uploadId`: has the storage publish what it got, if that is what was announced. Repeating it gives the same answer. A
 * refusal removes what came, but where a part is missing or the storage is in trouble, which may pass.
 */
export async function complete(call: DirectSessionCall): Promise<GateReply> {
  const { direct, key, request, session, settings } = call
  const { contentType, storageId } = session
  const abort = () => direct.abort(key, storageId)
  return inTurn(storageId, async () => {
    let inParts = false
    const publishing = publish(call, {
      inParts: () => inParts,
      async complete(options) {
        const shown = { ...options, shownBytes: shownBytes(call) }
        const result = await direct.complete(key, storageId, shown)
        inParts = result.inParts
        return result
      },
      abort,
    })
    const result = await publishing.catch(async (error: unknown) => {
      if (isFinal(error)) await abort().catch((fault: unknown) => reportFault(fault, request, settings))
      throw error
    })
    return storedReply(key, result, contentType, session.grant.visibility, settings)
  })
}

/** How much of the object somebody here wants to see before it is published. */
function shownBytes({ settings }: DirectSessionCall): number {
  if (measuresUploads(settings)) return Number.POSITIVE_INFINITY
  return settings.sniff === undefined ? 0 : HEAD_BYTES
}

function isFinal(error: unknown): boolean {
  if (!(error instanceof LatchkeyError) || STATUS[error.code] >= 500) return false
  return error.code !== 'invalid_part' && error.code !== 'upload_not_found'
}
