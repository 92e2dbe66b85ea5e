import { readSession } from '../multipart/session.js'
import { reportFault } from '../report.js'
import type { DirectRequest } from './handle.js'

/** Removes what came of an upload whose token was revoked: nobody can go on with it. */
export async function discardRevoked(
  { direct, request, settings, target: { key } }: DirectRequest,
  uploadId: string,
): Promise<void> {
  try {
    const { storageId } = await readSession(uploadId, key, settings, () => false)
    await direct.abort(key, storageId)
  } catch (error) {
    reportFault(error, request, settings)
  }
}
