import type { GateReply } from '@latchkey/core'
import { nodeBody, writeHeaders } from '@latchkey/core/node'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Sends an answer through `reply`. */
export function sendThrough(reply: FastifyReply, answer: GateReply, request: FastifyRequest): FastifyReply {
  reply.code(answer.status)
  writeHeaders(answer, request.raw, reply.getHeader('vary'), (name, value) => reply.header(name, value))
  const body = nodeBody(answer.body) ?? undefined
  // To the type of a string Fastify adds a charset, and GET would differ from HEAD.
  return reply.send(typeof body === 'string' ? Buffer.from(body) : body)
}
