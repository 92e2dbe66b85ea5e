import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  NoSuchKey,
} from '@aws-sdk/client-s3'
import { upload } from '@latchkey/client'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { findNginx } from '../../../test/engines/programs.mjs'
import { useRadosgw, useRedis } from '../../../test/engines/use-engine.js'
import { needProgram } from '../../../test/need-program.js'
import { BUCKET, type Deployment, deploy, START } from './deployment.js'
import { type Load, startLoad } from './load.js'
import { put } from './put.js'

const MIB = 1024 ** 2
const FILM = randomBytes(2 * MIB)
const LARGE = randomBytes(12 * MIB)
const SLOW = { pieces: 20, pauseMs: 100 }

describe('examples/s3-redis', { timeout: 120_000 }, () => {
  const store = useRadosgw()
  const redis = useRedis()
  let deployed: Promise<Deployment> | undefined
  let broken: Promise<Load> | undefined

  beforeEach((context) => needProgram('nginx', findNginx(), context))
  afterAll(async () => {
    const example = await deployed
    await example?.stop()
    await example?.remove()
  })

  /** The example as it runs; the first test that wants it starts it. */
  function running(): Promise<Deployment> {
    deployed ??= deploy({ store: store(), redis: redis() })
    return deployed
  }

  /** What clients have seen while one of the processes was killed. */
  function killed(): Promise<Load> {
    broken ??= killUnderLoad()
    return broken
  }

  async function killUnderLoad(): Promise<Load> {
    const example = await running()
    expect(await put(await example.uploadUrl('film.bin'), FILM)).toBe(201)
    await bothServe(example)
    const load = await startLoad(example, 'film.bin', FILM)
    await expect.poll(() => load.uploads.length, { timeout: 30_000 }).toBeGreaterThan(8)
    const { pid } = example.app('app-1')
    let killedAt = 0
    const file = new Blob([LARGE])
    const stored = await upload(file, {
      endpoint: `${example.origin}/files`,
      key: 'large.bin',
      headers: example.headers,
      multipart: { threshold: 1, partSize: MIB, concurrency: 2 },
      retries: { limit: 10, baseDelay: 100 },
      onProgress({ loaded, total }) {
        if (killedAt > 0 || loaded < 3 * MIB) return
        expect(loaded).toBeLessThan(total)
        killedAt = load.uploads.length
        process.kill(pid, 'SIGKILL')
      },
    })
    expect(stored.size).toBe(LARGE.length)
    await expect.poll(() => load.uploads.length, { timeout: 30_000 }).toBeGreaterThan(killedAt + 16)
    await load.stop()
    return load
  }

  async function bothServe(example: Deployment): Promise<void> {
    const seen = new Set<string>()
    const ask = async () => {
      seen.add((await fetch(`${example.origin}/health`)).headers.get('x-app') ?? '')
      return seen
    }
    await expect.poll(ask, { timeout: 30_000 }).toEqual(new Set(['app-1', 'app-2']))
  }

  async function storedBytes(key: string): Promise<Uint8Array | undefined> {
    const { s3 } = await running()
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))
      return await Body?.transformToByteArray()
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined
      throw error
    }
  }

  async function isWhole(key: string, bytes: Uint8Array): Promise<boolean | undefined> {
    const found = await storedBytes(key)
    return found === undefined ? undefined : Buffer.from(bytes).equals(found)
  }

  describe('two processes', () => {
    it('do what the printed lines say', async () => {
      const { output } = await running()
      const lines = /# Upload[\s\S]*?(?=\nReady)/.exec(output())?.[0] ?? ''
      const { stdout } = await promisify(execFile)('bash', ['-c', lines])
      const statuses = Array.from(stdout.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => status)
      expect(statuses).toEqual(['201', '200', '200', '403', '204', '403'])
    })

    it('refuse in one what was revoked in the other, at once', async () => {
      const example = await running()
      expect(await put(await example.uploadUrl('secret.txt'), Buffer.from('secret'))).toBe(201)
      const url = await example.link('secret.txt')
      const other = url.replace(example.origin, example.app('app-2').origin)
      expect((await fetch(other)).status).toBe(200)
      const revoked = await example.ask(`${example.app('app-1').origin}/revocations`, { url })
      expect(revoked.status).toBe(204)
      const refused = await fetch(other)
      expect(refused.status).toBe(403)
      expect(await refused.json()).toMatchObject({ code: 'revoked' })
    })

    it('let nobody mint or revoke without the API token', async () => {
      const { origin } = await running()
      const json = { 'content-type': 'application/json', authorization: 'Bearer other' }
      for (const path of ['/files/signed-uploads', '/revocations']) {
        const reply = await fetch(origin + path, { method: 'POST', headers: json, body: '{"key":"a"}' })
        expect(reply.status, path).toBe(401)
      }
    })

    it('get a path from nginx as it came', async () => {
      const example = await running()
      const key = 'odd, a+b ü%2F.txt'
      expect(await put(await example.uploadUrl(key), Buffer.from('odd'))).toBe(201)
      expect(await (await fetch(await example.link(key))).text()).toBe('odd')
      expect(await isWhole(key, Buffer.from('odd'))).toBe(true)
    })

    it("know the client's address, whatever it says of itself", async () => {
      const { origin } = await running()
      const reply = await new Promise<string>((resolve, reject) => {
        const headers = { 'x-forwarded-for': '203.0.113.9' }
        request(`${origin}/health`, { agent: false, localAddress: '127.0.0.2', headers }, (incoming) =>
          resolve(text(incoming)),
        )
          .on('error', reject)
          .end()
      })
      expect(JSON.parse(reply)).toMatchObject({ yourAddress: '127.0.0.2' })
    })
  })

  describe('a process that is killed under load', () => {
    it('takes no upload along that was answered', async () => {
      const { uploads } = await killed()
      const answered = uploads.filter(({ status }) => status === 201)
      expect(answered.length).toBeGreaterThan(16)
      for (const { key, bytes } of answered) expect(await isWhole(key, bytes), key).toBe(true)
    })

    it('leaves of the others all or nothing, and they succeed when they are repeated', async () => {
      const example = await running()
      const failed = (await killed()).uploads.filter(({ status }) => status !== 201)
      expect(failed.length).toBeGreaterThan(0)
      for (const { key, bytes, status } of failed) {
        expect([0, 502], key).toContain(status)
        const before = await isWhole(key, bytes)
        expect(before, key).not.toBe(false)
        expect(await put(await example.uploadUrl(key), bytes), key).toBe(before ? 409 : 201)
        expect(await isWhole(key, bytes), key).toBe(true)
      }
    })

    it('does not keep an upload in parts from its end', async () => {
      await killed()
      expect(await isWhole('large.bin', LARGE)).toBe(true)
    })

    it('lets no link be served more often than it is good for', async () => {
      const { links } = await killed()
      for (const { limit, asked, served } of links) {
        expect(asked).toBeGreaterThan(Math.min(limit, 7))
        expect(served).toBeLessThanOrEqual(limit)
      }
      // One use may have been counted by the process that died before it served.
      const few = links.filter(({ limit }) => limit < 10)
      const lost = few.reduce((sum, { limit, served }) => sum + limit - served, 0)
      expect(lost).toBeLessThanOrEqual(4)
    })

    it('sends no wrong byte to those who read', async () => {
      const { ranges } = await killed()
      expect(ranges).not.toContain(false)
      expect(ranges.filter((right) => right === true).length).toBeGreaterThan(20)
    })

    it('comes back and serves', async () => {
      const example = await running()
      await killed()
      await expect.poll(() => example.output().match(/^app-1 {2}/gm)?.length, { timeout: 30_000 }).toBe(2)
      await bothServe(example)
      const url = await example.link('film.bin')
      const direct = await fetch(url.replace(example.origin, example.app('app-1').origin))
      expect(Buffer.from(await direct.arrayBuffer()).equals(FILM)).toBe(true)
    })

    it('leaves in the bucket what the lifecycle rules are for, and no more', async () => {
      const { s3 } = await running()
      const { uploads } = await killed()
      const failed = uploads.filter(({ status }) => status !== 201).map(({ key }) => key)
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))
      for (const { Key = '' } of Uploads) expect(failed).toContain(Key)
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: BUCKET, Prefix: '.latchkey/' }),
      )
      // What remembers the answer to a completion; beside it the bytes of parts that were on their way, two at a time.
      const remembered = /^\.latchkey\/uploads\/[^/]+\/s\//
      const bytes = Contents.filter(({ Key = '' }) => !remembered.test(Key))
      expect(bytes.length).toBeLessThanOrEqual(failed.length + 2)
    })
  })

  it('repeats reads, and no upload, for a process that dies with them in its hands', async () => {
    const example = await running()
    expect(await put(await example.uploadUrl('read.txt'), Buffer.from('read'))).toBe(201)
    await bothServe(example)
    const link = await example.link('read.txt')
    const keys = Array.from({ length: 8 }, (_, index) => `small/${index}.txt`)
    const urls = await Promise.all(keys.map(example.uploadUrl))
    const { pid } = example.app('app-1')
    process.kill(pid, 'SIGSTOP')
    const reads = keys.map(() => fetch(link).then(({ status }) => status))
    const writes = urls.map((url) => put(url, Buffer.from('small')))
    await sleep(1000)
    process.kill(pid, 'SIGKILL')
    expect(await Promise.all(reads)).toEqual(keys.map(() => 200))
    const statuses = await Promise.all(writes)
    expect(new Set(statuses)).toEqual(new Set([201, 502]))
    for (const [index, key] of keys.entries()) {
      expect(await isWhole(key, Buffer.from('small')), key).toBe(statuses[index] === 201 ? true : undefined)
    }
  })

  it('finishes what is under way when a process is asked to end, and starts it again', async () => {
    const example = await running()
    await bothServe(example)
    const bytes = randomBytes(MIB)
    const urls = await Promise.all(['a', 'b', 'c', 'd'].map((name) => example.uploadUrl(`end/${name}`)))
    const { pid } = example.app('app-1')
    const uploads = urls.map((url) => put(url, bytes, SLOW))
    await sleep(500)
    process.kill(pid, 'SIGTERM')
    expect(await Promise.all(uploads)).toEqual([201, 201, 201, 201])
    await expect.poll(() => example.app('app-1').pid, { timeout: 30_000 }).not.toBe(pid)
    expect(example.output()).toContain('app-1 ended (0)')
    await bothServe(example)
  })

  it('says what to set where there is no store', async () => {
    const env = { PATH: '/nowhere' }
    const started = promisify(execFile)(process.execPath, [START], { env })
    await expect(started).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('Set S3_BUCKET') })
  })

  it('ends all of it with a Ctrl+C, and leaves no file', async () => {
    const example = await running()
    const pids = ['app-1', 'app-2'].map((name) => example.app(name).pid)
    await example.stop()
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false)
    await expect(fetch(`${example.origin}/health`)).rejects.toThrow()
    expect(await example.leftovers()).toEqual([])
  })
})
