import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { hosts } from '../hosts/index.js'
import { needProgram } from '../need-program.js'
import { findAria2, findCurl } from './programs.mjs'
import { type Sending, type ServedObject, serveObject } from './served-object.js'

// Programs that fetch one file with several requests, with a link that is good for one download.

const run = promisify(execFile)
const BYTES = Uint8Array.from({ length: 4 * 1024 * 1024 + 7 }, (_, at) => (at * 31 + (at >> 9)) & 255)

const ADAPTERS = ['express', 'koa', 'fastify', 'hono'] as const
type Adapter = (typeof ADAPTERS)[number]

async function served(adapter: Adapter, sending: Sending): Promise<ServedObject> {
  const host = hosts[adapter]
  if (host === undefined) throw new Error(`no host ${adapter}`)
  const object = await serveObject(host, 'film.bin', BYTES, sending)
  onTestFinished(() => object.close())
  return object
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-downloads-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The exit code of a program that ran in a folder. */
async function exitCode(
  found: ReturnType<typeof findCurl>,
  args: readonly string[],
  cwd: string,
): Promise<number> {
  if (!('path' in found)) throw new Error(found.missing)
  return run(found.path, args, { cwd }).then(
    () => 0,
    (error: { code: number }) => error.code,
  )
}

describe.each(ADAPTERS)('curl over %s', { timeout: 60_000 }, (host) => {
  const curl = (args: readonly string[], cwd: string) =>
    exitCode(findCurl(), ['--silent', '--fail', '--disable', ...args], cwd)
  beforeEach((context) => needProgram('curl', findCurl(), context))

  test('goes on where its download broke off, at no cost', async () => {
    const object = await served(host, { breaksAt: 1024 * 1024 })
    const url = await object.link({ maxDownloads: 1, resumeWindow: '10m' })
    const folder = newFolder()
    expect(await curl(['-o', 'film', url], folder)).not.toBe(0)
    expect(await curl(['-o', 'film', '-C', '-', url], folder)).toBe(0)
    expect(readFileSync(join(folder, 'film')).equals(BYTES)).toBe(true)
    expect(object.answered.map(({ status }) => status)).toEqual([200, 206])
    // The whole once more is another download, and another client has none of this one.
    expect(await curl(['-o', 'again', url], folder)).toBe(22)
    expect(await curl(['-A', 'other/1', '-r', '0-9', '-o', 'part', url], folder)).toBe(22)
    object.elapse(10 * 60_000)
    expect(await curl(['-r', '0-9', '-o', 'part', url], folder)).toBe(22)
  })

  test('gets nothing more without a window', async () => {
    const object = await served(host, { breaksAt: 1024 * 1024 })
    const url = await object.link({ maxDownloads: 1 })
    const folder = newFolder()
    expect(await curl(['-o', 'film', url], folder)).not.toBe(0)
    expect(await curl(['-o', 'film', '-C', '-', url], folder)).toBe(22)
  })

  test('confirms a download with a form, and resumes it', async () => {
    const object = await served(host, { breaksAt: 1024 * 1024 })
    const url = await object.link({ maxDownloads: 1, resumeWindow: '10m', confirm: true })
    const folder = newFolder()
    expect(await curl(['-o', 'scanned', url], folder)).toBe(22)
    expect(await curl(['-OJ', '--data', 'confirm=1', url], folder)).not.toBe(0)
    expect(await curl(['-o', 'film.bin', '-C', '-', url], folder)).toBe(0)
    expect(readFileSync(join(folder, 'film.bin')).equals(BYTES)).toBe(true)
    expect(await curl(['-o', 'again', '--data', 'confirm=1', url], folder)).toBe(22)
    expect(object.answered.map(({ status }) => status)).toEqual([403, 200, 206, 403])
  })
})

describe.each(ADAPTERS)('aria2 over %s', { timeout: 60_000 }, (host) => {
  const options = [
    '--no-conf',
    '--quiet',
    '--split=4',
    '--max-connection-per-server=4',
    '--min-split-size=1M',
  ]
  const aria2 = (args: readonly string[], cwd: string) =>
    exitCode(findAria2(), [...options, '--max-tries=1', '--file-allocation=none', ...args], cwd)
  beforeEach((context) => needProgram('aria2', findAria2(), context))

  test('fetches a file over four connections as one download', async () => {
    const object = await served(host, { pauseMs: 20 })
    const url = await object.link({ maxDownloads: 1, resumeWindow: '10m' })
    const folder = newFolder()
    expect(await aria2(['--out=film', url], folder)).toBe(0)
    expect(readFileSync(join(folder, 'film')).equals(BYTES)).toBe(true)
    expect(object.answered.filter(({ status }) => status === 206).length).toBeGreaterThanOrEqual(3)
    expect(await aria2(['--out=other', '--user-agent=other/1', url], folder)).not.toBe(0)
    object.elapse(10 * 60_000)
    expect(await aria2(['--out=later', url], folder)).not.toBe(0)
    expect(object.answered.at(-1)?.status).toBe(403)
  })

  test('fails on the second connection without a window', async () => {
    const object = await served(host, { pauseMs: 20 })
    const url = await object.link({ maxDownloads: 1 })
    await aria2(['--out=film', url], newFolder())
    expect(object.answered.map(({ status }) => status)).toContain(403)
  })
})
