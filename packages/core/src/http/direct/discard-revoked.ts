import { andThen, LatchkeyError } from '../../token/index.js'
import { readSession } from '../multipart/session.js'
import { reportFault } from '../report.js'
import { revocationLookup } from '../revocation-lookup.js'
import type { DirectRequest } from './handle.js'

/**
 * Removes what came of an upload that was begun with what is revoked: nobody can go on with it. One that was begun with another
 * token is none of the business of whoever comes with a revoked one.
 */
export async function discardRevoked(
  { direct, request, settings, target: { key } }: DirectRequest,
  uploadId: string,
): Promise<void> {
  try {
    const isRevoked = revocationLookup(key, settings)
    let isOver = false
    const { storageId } = await readSession(uploadId, key, settings, (grant) =>
      andThen(isRevoked(grant), (revoked) => {
        isOver = revoked
        return false
      }),
    )
    if (isOver) await direct.abort(key, storageId)
  } catch (error) {
    const isForged = error instanceof LatchkeyError && error.code === 'upload_not_found'
    if (!isForged) reportFault(error, request, settings)
  }
}
