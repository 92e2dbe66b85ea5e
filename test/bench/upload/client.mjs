// Uploads over some connections at once: `node client.mjs OPTIONS`. Prints the MB/s, measured from the first byte to the
// last reply.

import { randomFillSync } from 'node:crypto'
import { Agent, request } from 'node:http'

const { port, protocol, targets, bytes, count, connections } = JSON.parse(process.argv[2] ?? '{}')
const agent = new Agent({ keepAlive: true, maxSockets: connections })
const chunk = randomFillSync(Buffer.alloc(Math.min(bytes, 2 ** 18)))
const BOUNDARY = 'a-boundary-of-the-benchmark'
const FORM_HEAD = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`,
)
const FORM_TAIL = Buffer.from(`\r\n--${BOUNDARY}--\r\n`)

/** @type {Record<string, { method: string, headers: Record<string, string | number>, head: Buffer, tail: Buffer }>} */
const PROTOCOLS = {
  put: {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': bytes },
    head: Buffer.alloc(0),
    tail: Buffer.alloc(0),
  },
  form: {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': FORM_HEAD.length + bytes + FORM_TAIL.length,
    },
    head: FORM_HEAD,
    tail: FORM_TAIL,
  },
  tus: {
    method: 'POST',
    headers: {
      'content-type': 'application/offset+octet-stream',
      'content-length': bytes,
      'tus-resumable': '1.0.0',
      'upload-length': bytes,
    },
    head: Buffer.alloc(0),
    tail: Buffer.alloc(0),
  },
}
const spoken = PROTOCOLS[protocol]
if (spoken === undefined) throw new Error(`nobody speaks ${protocol}`)
const { method, headers, head, tail } = spoken

const start = performance.now()
let next = 0
await Promise.all(
  Array.from({ length: connections }, async () => {
    while (next < count) await upload(targets[next++ % targets.length])
  }),
)
console.log(JSON.stringify({ megabytesPerSecond: (bytes * count) / 1e3 / (performance.now() - start) }))
agent.destroy()

/** @param {string} path */
function upload(path) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent }, (reply) => {
      reply.resume().once('end', () => {
        if (reply.statusCode === 201) resolve(undefined)
        else reject(new Error(`${method} ${path} was answered with ${reply.statusCode}`))
      })
    })
    outgoing.once('error', reject)
    send(outgoing).catch(reject)
  })
}

/** @param {import('node:http').ClientRequest} outgoing */
async function send(outgoing) {
  outgoing.write(head)
  for (let left = bytes; left > 0; left -= chunk.length) {
    const goesOn = outgoing.write(left < chunk.length ? chunk.subarray(0, left) : chunk)
    if (!goesOn) await new Promise((resolve) => outgoing.once('drain', resolve))
  }
  outgoing.end(tail)
}
