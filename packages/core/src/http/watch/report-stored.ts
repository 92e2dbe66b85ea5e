import { channel } from 'node:diagnostics_channel'
import type { GateRequest } from '../../contracts/gate.js'
import type { Grant } from '../../token/index.js'
import type { ReceivedEvent, RemovedEvent, RequestTimes } from './events.js'
import { timesOf } from './request-times.js'

const received = channel('latchkey:received')
const removed = channel('latchkey:removed')

/** What is known of an upload besides its grant and its times. */
type Upload = Omit<ReceivedEvent, keyof RequestTimes | 'keyId' | 'subject'>

/** Tells that an upload was stored, and that the app has accepted it. */
export function reportReceived(request: GateRequest, upload: Upload, grant: Grant): void {
  if (!received.hasSubscribers) return
  const event: ReceivedEvent = { ...upload, ...signerOf(grant), ...timesOf(request) }
  received.publish(event)
}

/** Tells that an object was removed. */
export function reportRemoved(request: GateRequest, key: string, grant: Grant): void {
  if (!removed.hasSubscribers) return
  const event: RemovedEvent = { key, ...signerOf(grant), ...timesOf(request) }
  removed.publish(event)
}

function signerOf({ kid, subject }: Grant): Pick<RemovedEvent, 'keyId' | 'subject'> {
  return { keyId: kid, ...(subject !== undefined && { subject }) }
}
