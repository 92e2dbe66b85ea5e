import type { GateReply } from '../../contracts/gate.js'
import { NO_STORE } from '../cache-control.js'
import type { SessionCall } from './handle.js'

/** `DELETE ?uploadId`: gives an upload up, and removes its parts. */
export async function abort({ key, session, storage }: SessionCall): Promise<GateReply> {
  await storage.abort(key, session.storageId)
  return { status: 204, headers: { 'cache-control': NO_STORE }, body: null }
}
