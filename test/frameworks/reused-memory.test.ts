import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLatchkey } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { expect, onTestFinished, test } from 'vitest'
import { hosts } from '../hosts/index.js'

const KINDS = 40
const ROUNDS = 30
const lengthOf = (kind: number) => 17_000 + kind * 1200

/** A folder of objects, each of a byte of its own. */
function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-reused-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (let kind = 0; kind < KINDS; kind++) {
    writeFileSync(join(root, `${kind}.bin`), Buffer.alloc(lengthOf(kind), kind + 1))
  }
  return root
}

/** Whether what came is of that object alone. `goesAway` with the first bytes. */
function isItsOwn(url: string, kind: number, agent: Agent, goesAway: boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent }, (reply) => {
      let length = 0
      let isSound = true
      reply.on('data', (part: Buffer) => {
        length += part.length
        isSound &&= part.every((byte) => byte === kind + 1)
        if (goesAway) asking.destroy()
      })
      reply.on('close', () => resolve(isSound && (goesAway || length === lengthOf(kind))))
      reply.on('error', () => {})
    })
    asking.on('error', (error) => (goesAway ? resolve(true) : reject(error)))
    asking.end()
  })
}

test.each(Object.keys(hosts))('%s sends each of many downloads at once its own bytes', async (name) => {
  const host = hosts[name]
  if (host === undefined) throw new Error('there is no such host')
  const files = createLatchkey({
    baseUrl: '/files',
    keys: [{ id: 'k1', secret: 'the secret of the framework tests' }],
    // So that each is read from the disk.
    storage: fsDriver({ root: folder(), contentCacheSize: 0 }),
  })
  const { origin, close } = await host.start(files, '/files')
  onTestFinished(close)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  onTestFinished(() => agent.destroy())
  const urls = await Promise.all(
    Array.from({ length: KINDS }, async (_, kind) => origin + (await files.signedUrl(`${kind}.bin`)).url),
  )
  const downloads = Array.from({ length: KINDS * ROUNDS }, (_, at) =>
    isItsOwn(urls[at % KINDS] ?? '', at % KINDS, agent, at % 7 === 3),
  )
  expect((await Promise.all(downloads)).filter((isSound) => !isSound)).toEqual([])
})
