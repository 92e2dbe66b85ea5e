import { AsyncResource } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import type { GateReply, GateRequest } from '../../contracts/gate.js'
import { isInMemory, type SharedBytes } from '../../contracts/shared-bytes.js'
import type { ServedEvent } from './events.js'
import { timesOf } from './request-times.js'
import { type Admission, watchOf } from './request-watch.js'
import { type Sent, watchBody } from './watched-body.js'

const served = channel('latchkey:served')

/**
 * Tells of a reply that reads an object, when it has ended. A body that is streamed is followed for that; without
 * subscribers it stays as it is.
 */
export function reportServed(request: GateRequest, reply: GateReply): GateReply {
  const admission = watchOf(request)?.admission
  if (!served.hasSubscribers || admission === undefined || reply.status >= 400) return reply
  const { body } = reply
  const publish = ({ bytes, complete }: Sent) => {
    served.publish(eventOf(request, reply, admission, bytes, complete))
  }
  if (body === null || typeof body === 'string' || isInMemory(body)) {
    const isObject = deliveryOf(reply, admission) === 'stream' && body !== null
    publish({ bytes: isObject ? lengthOf(body) : 0, complete: true })
    return reply
  }
  const expected = Number(reply.headers['content-length'])
  // The end comes from the connection; a tracer's active span is that of the request.
  return { ...reply, body: watchBody(body, expected, AsyncResource.bind(publish)) }
}

function lengthOf(body: string | Uint8Array | SharedBytes): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
}

function eventOf(
  request: GateRequest,
  reply: GateReply,
  admission: Admission,
  bytes: number,
  complete: boolean,
): ServedEvent {
  const { access, grant, key } = admission
  return {
    method: request.method,
    key,
    status: reply.status,
    bytes,
    complete,
    delivery: deliveryOf(reply, admission),
    access,
    ...(grant !== null && { keyId: grant.kid }),
    ...(grant?.subject !== undefined && { subject: grant.subject }),
    ...timesOf(request),
  }
}

function deliveryOf({ headers, status }: GateReply, { asksFirst }: Admission): ServedEvent['delivery'] {
  if (asksFirst) return 'page'
  if (status === 302) return 'redirect'
  const isAccel = headers['x-accel-redirect'] !== undefined || headers['x-sendfile'] !== undefined
  return isAccel ? 'accel' : 'stream'
}
