import { request } from 'node:http'
import { OBJECTS } from './objects.mjs'

/**
 * Asks once, for the headers of all requests, and to see whether the server answers as it has to.
 *
 * @param {import('./contenders.mjs').Serving} server
 * @param {import('./compare.mjs').Requests} requests
 */
export async function probed(
  server,
  { size, answer = { status: 200, length: OBJECTS[size] }, headers, revalidates },
) {
  const url = `${server.origin}${server.targets[size]?.[0]}`
  const sent = { ...headers, ...(revalidates ? await validators(url) : {}) }
  const { statusCode, headers: got } = await ask(url, 'GET', sent)
  const isWhole = statusCode === 304 || Number(got['content-length']) === answer.length
  return {
    headers: sent,
    otherwise:
      statusCode === answer.status && isWhole
        ? undefined
        : `it answers with ${statusCode}, not ${answer.status}`,
  }
}

/**
 * What a browser sends for a copy that it holds.
 *
 * @param {string} url
 */
async function validators(url) {
  const { etag, 'last-modified': modified } = (await ask(url, 'HEAD')).headers
  return {
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(modified !== undefined && { 'if-modified-since': modified }),
  }
}

/**
 * The head of a reply. Not by `fetch`, which adds `Cache-Control: no-cache` to what revalidates.
 *
 * @param {string} url
 * @param {'GET' | 'HEAD'} method
 * @param {Record<string, string>} [headers]
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
function ask(url, method, headers = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers }, (reply) => {
      resolve(reply)
      reply.destroy()
    })
    outgoing.once('error', reject).end()
  })
}
