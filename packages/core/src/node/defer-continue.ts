import type { IncomingMessage, ServerResponse } from 'node:http'

/** What `deferContinue` needs of a server; those of node:http and node:https have it. */
export interface ContinuableServer {
  listenerCount(event: string): number
  on(event: 'checkContinue', listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void): unknown
  emit(event: string, ...args: unknown[]): boolean
}

/**
 * Makes a server send `100 Continue` (RFC 9110, section 10.1.1) when a handler begins to read the body, rather than
 * before any handler has run, which is Node's own way. A client that asks with `Expect: 100-continue` then learns
 * of a refusal before it has sent the file. It holds for every route of the server and changes nothing else.
 *
 * @returns the server that was given
 */
export function deferContinue<S extends ContinuableServer>(server: S): S {
  if (server.listenerCount('checkContinue') === 0) {
    server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      continueOnFirstRead(incoming, outgoing)
      server.emit('request', incoming, outgoing)
    })
  }
  return server
}

const refused = new WeakSet<IncomingMessage>()

/** From now on a read of the body does not ask the client to send it. */
export function neverContinue(incoming: IncomingMessage): void {
  refused.add(incoming)
}

function continueOnFirstRead(incoming: IncomingMessage, outgoing: ServerResponse): void {
  let waiting = true
  // Of the request at hand: over HTTP/2 it is not that of IncomingMessage.
  const read = incoming._read
  incoming._read = function readFirst(size: number): void {
    if (waiting) {
      waiting = false
      if (!refused.has(incoming) && !outgoing.headersSent && !outgoing.writableEnded) outgoing.writeContinue()
    }
    read.call(incoming, size)
  }
}
