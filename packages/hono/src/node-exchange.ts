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

const PLATFORM_RESPONSE = Object.getPrototypeOf(Function)

/**
 * Whether `Response` is that of `@hono/node-server`, which puts its own, made of the platform's, in its place. Another server
 * may do with a body, between Node's response and a reader of it, what only that one is known not to.
 */
export function hasServersResponse(): boolean {
  return Object.getPrototypeOf(Response) !== PLATFORM_RESPONSE
}

function isIncoming(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'rawHeaders' in value && 'socket' in value
}

function isOutgoing(value: unknown): value is ServerResponse {
  return typeof value === 'object' && value !== null && 'assignSocket' in value
}
