import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from './free-port.js'
import { type Program, startProgram } from './start-program.js'

const ADDRESSES = /^Upload to {2}(?<upload>\S+)\n(?:.*\n)*Download {3}(?<download>\S+)$/m
const TEXT = 'Hello from a test'

/** Runs an example as a reader would, and uses the addresses that it prints. */
export function describeExample(name: string): void {
  describe(`examples/${name}`, () => {
    let dataFolder: string
    let program: Program
    let upload: string
    let download: string

    beforeAll(async () => {
      dataFolder = await mkdtemp(join(tmpdir(), `latchkey-${name}-`))
      const env = { PORT: String(await freePort()), DATA_DIR: dataFolder, LATCHKEY_SECRET: 's'.repeat(32) }
      const file = fileURLToPath(new URL(`../${name}/index.js`, import.meta.url))
      program = await startProgram(file, env, ADDRESSES)
      upload = program.match.groups?.upload ?? ''
      download = program.match.groups?.download ?? ''
    })
    afterAll(async () => {
      await program.stop()
      await rm(dataFolder, { recursive: true, force: true })
    })

    it('takes a file and gives it back', async () => {
      const headers = { 'content-type': 'text/plain' }
      const stored = await fetch(upload, { method: 'PUT', headers, body: TEXT })
      expect(stored.status).toBe(201)
      const got = await fetch(download)
      expect(got.status).toBe(200)
      expect(got.headers.get('content-type')).toBe('text/plain')
      expect(await got.text()).toBe(TEXT)
    })

    it('gives a range', async () => {
      const got = await fetch(download, { headers: { range: 'bytes=6-9' } })
      expect(got.status).toBe(206)
      expect(got.headers.get('content-range')).toBe(`bytes 6-9/${TEXT.length}`)
      expect(await got.text()).toBe('from')
    })

    it('refuses a link that was tampered with, or has no token', async () => {
      const tampered = await fetch(download.replace('hello.txt', 'other.txt'))
      expect(tampered.status).toBe(403)
      expect(await tampered.json()).toMatchObject({ code: 'invalid_signature' })
      const bare = await fetch(new URL(download).origin + new URL(download).pathname)
      expect(bare.status).toBe(403)
      expect(await bare.json()).toMatchObject({ code: 'token_required' })
    })

    it('refuses what is larger than the URL allows', async () => {
      const refused = await fetch(upload, { method: 'PUT', body: new Uint8Array(1024 * 1024 + 1) })
      expect(refused.status).toBe(413)
      expect(await (await fetch(download)).text()).toBe(TEXT)
    })
  })
}
