import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProgram } from '../bench/program.mjs'
import { ACCEL, SECURE_LINK, startServing } from '../bench/serve/contenders.mjs'
import { hosts } from '../bench/serve/hosts.mjs'
import { secureLink } from '../bench/serve/nginx.mjs'
import { objectName, writeObjects } from '../bench/serve/objects.mjs'
import { receivers } from '../bench/upload/receivers.mjs'
import { targetsOf } from '../bench/upload/targets.mjs'
import { findNginx } from '../engines/programs.mjs'
import { needProgram } from '../need-program.js'

// Whoever is measured has to do the work: nothing here is timed.
const NAME = objectName('1 KiB')
let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  writeObjects(root, ['1 KiB'])
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe.each([...Object.keys(hosts), SECURE_LINK, ACCEL])('%s', (name) => {
  test('serves the object, signed where it signs', async (context) => {
    if (name === SECURE_LINK || name === ACCEL) needProgram('nginx', findNginx(), context)
    const server = await startServing(name, root)
    try {
      const targets = server.targets['1 KiB'] ?? []
      const reply = await get(server.origin + targets.at(-1))
      expect(reply.status).toBe(200)
      expect(reply.body.equals(readFileSync(join(root, NAME)))).toBe(true)
      const isSigned = name.startsWith('latchkey') || name === SECURE_LINK
      expect(new Set(targets).size).toBe(isSigned ? 2000 : 1)
      const plain = await get(`${server.origin}/files/${NAME}`)
      expect(plain.status).toBe(isSigned ? 403 : 200)
    } finally {
      await server.stop()
    }
  })
})

test('secure_link of nginx refuses what was changed, and what is over', async (context) => {
  needProgram('nginx', findNginx(), context)
  const server = await startServing(SECURE_LINK, root)
  try {
    const path = `/files/${NAME}`
    const later = Math.floor(Date.now() / 1000) + 60
    const statuses = []
    for (const target of [
      secureLink(path, later),
      secureLink(path, later).replace(String(later), String(later + 1)),
      secureLink(path, later - 120),
    ]) {
      statuses.push((await get(server.origin + target)).status)
    }
    expect(statuses).toEqual([200, 403, 410])
  } finally {
    await server.stop()
  }
})

describe.each(Object.keys(receivers))('%s', (kind) => {
  test('stores an upload whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
    const upload = (file: string) => fileURLToPath(new URL(`../bench/upload/${file}`, import.meta.url))
    const server = await startProgram([process.execPath, upload('server.mjs'), kind, folder])
    try {
      const bytes = 300_001
      const targets = await targetsOf(kind, 1)
      const { protocol } = receivers[kind] ?? {}
      const options = { ...server.ready, protocol, targets, bytes, count: 1, connections: 1 }
      const { stdout } = await promisify(execFile)(process.execPath, [
        upload('client.mjs'),
        JSON.stringify(options),
      ])
      expect(JSON.parse(stdout).megabytesPerSecond).toBeGreaterThan(0)
      const stored = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
      expect(stored.map(({ name }) => statSync(join(folder, name)).size)).toContain(bytes)
    } finally {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

function get(url: string): Promise<{ status: number | undefined; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, async (reply) => {
      resolve({ status: reply.statusCode, body: Buffer.concat(await reply.toArray()) })
    })
      .once('error', reject)
      .end()
  })
}
