import type { IncomingMessage, ServerResponse } from 'node:http'

/** The Node request that `@hono/node-server` puts into a context's `env`; `undefined` on every other runtime. */
export function nodeIncoming(env: unknown): IncomingMessage | undefined {
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return undefined
  return isIncoming(env.incoming) ? env.incoming : undefined
}

/** The Node response beside it; `undefined` over HTTP/2, too, whose response is of another kind. */
export function nodeOutgoing(env: unknown): ServerResponse | undefined {
  if (typeof env !== 'object' || env === null || !('outgoing' in env)) return undefined
  return isOutgoing(env.outgoing) ? env.outgoing : undefined
}

/**
 * Whether `Response` is that of `@hono/node-server`, which puts a class in the place of the platform's that extends it. Of
 * another server nobody knows what it does with a body between its reader and Node's response.
 */
export function hasServersResponse(): boolean {
  return Object.getPrototypeOf(Response) !== Function.prototype
}

function isIncoming(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'rawHeaders' in value && 'socket' in value
}

function isOutgoing(value: unknown): value is ServerResponse {
  return typeof value === 'object' && value !== null && 'assignSocket' in value
}
