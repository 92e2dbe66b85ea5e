import { type Host, plainHost } from '@latchkey/testkit'
import { expressHost } from './express.js'
import { fastifyHost } from './fastify.js'
import { honoHost } from './hono.js'
import { koaHost } from './koa.js'

/** Every server that the adapters run in, by name. */
export const hosts: Readonly<Record<string, Host>> = {
  express: expressHost,
  koa: koaHost,
  fastify: fastifyHost,
  hono: honoHost,
  'node:http': plainHost,
}
