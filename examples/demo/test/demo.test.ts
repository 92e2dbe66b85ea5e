import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../testing/free-port.js'
import { type Program, startProgram } from '../../testing/start-program.js'

const MAIN = fileURLToPath(new URL('../server/main.js', import.meta.url))
const READY = /Latchkey demo +(?<url>http:\S+)/
const SECRET = 'a secret of at least 32 bytes, for the tests'

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

describe('the demo', () => {
  let dataFolder: string
  let started: Program[]

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'))
    started = []
  })
  afterEach(async () => {
    for (const program of started) await program.stop()
    await rm(dataFolder, { recursive: true, force: true })
  })

  it('generates a secret once, keeps it to its owner, and says so', async () => {
    const first = await start()
    expect(first.program.output()).toMatch(/Secret +generated, kept in \S+; set LATCHKEY_SECRET/)
    const { mode } = await stat(join(dataFolder, 'secret'))
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600)
    const secret = await readFile(join(dataFolder, 'secret'), 'utf8')
    await first.program.stop()
    const second = await start()
    expect(second.program.output()).toMatch(/Secret +read from/)
    expect(await readFile(join(dataFolder, 'secret'), 'utf8')).toBe(secret)
  })

  it('writes no secret where LATCHKEY_SECRET is set', async () => {
    const { program } = await start({ LATCHKEY_SECRET: SECRET })
    expect(program.output()).toContain('from LATCHKEY_SECRET')
    expect(program.output()).not.toContain(SECRET)
    await expect(stat(join(dataFolder, 'secret'))).rejects.toThrow('ENOENT')
  })

  it('says what is wrong with a secret that is too short', async () => {
    await expect(start({ LATCHKEY_SECRET: 'short' })).rejects.toThrow(/at least 32 bytes/)
  })

  it('takes the next free port where the wanted one is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    onTestFinished(() => void taken.close())
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { program, url } = await start({ PORT: String(port) })
    expect(program.output()).toContain(`Port ${port} is taken.`)
    expect(Number(new URL(url).port)).toBeGreaterThan(port)
  })

  it('answers no host name that is not its own', async () => {
    const { url } = await start()
    const { port } = new URL(url)
    const status = await new Promise((resolve, reject) => {
      const headers = { host: `rebound.example:${port}` }
      request({ host: '127.0.0.1', port, path: '/api/files', headers }, (response) => {
        resolve(response.resume().statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(421)
  })

  it('sends the page with a policy that lets nothing in from elsewhere', async () => {
    const { url } = await start()
    const response = await fetch(url)
    expect(response.status).toBe(200)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    const page = await response.text()
    expect(page).not.toMatch(/<script(?![^>]* src="\/)|<style|style="|\son[a-z]+=|https?:\/\//)
  })

  it('gives files names that every system takes, and no file two', async () => {
    const { url } = await start()
    for (const [given, kept] of [
      ['plan.txt', 'plan.txt'],
      ['plan.txt', 'plan (2).txt'],
      ['plan.txt', 'plan (3).txt'],
      ['../../etc/passwd', '__.._etc_passwd'],
      ['a\\b:c|d?.md', 'a_b_c_d_.md'],
      ['.latchkey', '_latchkey'],
      ['..', '_'],
      ['con.txt', 'con_.txt'],
      ['two\r\nlines\u202e.txt', 'two__lines_.txt'],
      ['archive.tar.gz', 'archive.tar.gz'],
      ['日本語 🗝️.txt', '日本語 🗝️.txt'],
      [`${'ü'.repeat(300)}.pdf`, `${'ü'.repeat(98)}.pdf`],
    ] as const) {
      expect(await upload(url, given)).toBe(kept)
    }
    const { body } = await call(url, 'api/files')
    expect(body.files).toHaveLength(12)
  })

  it('lists a file that was put into the folder by hand', async () => {
    const { url } = await start()
    await writeFile(join(dataFolder, 'files', 'by hand.csv'), 'a,b\n')
    const { body } = await call(url, 'api/files')
    expect(body.files).toEqual([
      { name: 'by hand.csv', size: 4, type: expect.any(String), modifiedAt: expect.any(Number) },
    ])
  })

  it('signs nothing but what the page needs', async () => {
    const { url } = await start()
    await upload(url, 'a.txt')
    for (const [path, body, status] of [
      ['files/signed-uploads', { key: 'chosen.txt', size: 1 }, 403],
      ['files/signed-uploads', { payload: '', size: 1 }, 400],
      ['files/signed-uploads', { payload: 'a.txt', size: -1 }, 400],
      ['files/signed-uploads', { payload: 'a.txt', size: 6 * 1024 ** 3 }, 413],
      ['files/a.txt/signed-url', { operation: 'head' }, 403],
      ['files/a.txt/signed-url', { operation: 'put' }, 400],
      ['files/b.txt/signed-url', {}, 404],
      ['files/..%2Fsecret/signed-url', {}, 400],
      ['api/uploads', {}, 404],
    ] as const) {
      const answer = await call(url, path, body)
      expect({ path, body, status: answer.status }).toEqual({ path, body, status })
      expect(answer.body).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) })
    }
  })

  it('signs links for a day at the most, and deletions for a minute', async () => {
    const { url } = await start()
    await upload(url, 'a.txt')
    for (const [wish, seconds] of [
      [{ expires_in: 10 }, 10],
      [{ expires_in: 7 * 86_400 }, 86_400],
      [{}, 86_400],
      [{ operation: 'delete', expires_in: 3600 }, 60],
    ] as const) {
      const { body } = await call(url, 'files/a.txt/signed-url', wish)
      const left = (Date.parse(String(body.expires_at)) - Date.now()) / 1000
      // A token ends with a second, the next one.
      expect(left).toBeLessThanOrEqual(seconds + 1)
      expect(left).toBeGreaterThan(seconds - 5)
    }
  })

  it('takes no JSON that a foreign page can send without asking', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/files/signed-uploads`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ payload: 'a.txt', size: 1 }),
    })
    expect(response.status).toBe(415)
  })

  it('stores JSON, which no parser must touch', async () => {
    const { url } = await start()
    const name = await upload(url, 'data.json', 'application/json', '{"a": [1, 2]}')
    const { body } = await call(url, `files/${name}/signed-url`, { expires_in: 60 })
    const response = await fetch(new URL(String(body.url), url))
    expect(await response.text()).toBe('{"a": [1, 2]}')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toMatch(/no-store|max-age=0/)
  })

  it('signs an upload for its size and type', async () => {
    const { url } = await start()
    const announced = { payload: 'a.png', contentType: 'image/png', size: 3 }
    const { body } = await call(url, 'files/signed-uploads', announced)
    const address = new URL(String(body.url), url)
    const put = (type: string, text: string): Promise<Response> =>
      fetch(address, { method: 'PUT', headers: { 'content-type': type }, body: text })
    expect((await put('image/png', 'four')).status).toBe(413)
    expect((await put('text/html', 'abc')).status).toBe(415)
    expect((await put('image/png', 'abc')).status).toBe(201)
    expect((await put('image/png', 'xyz')).status).toBe(409)
  })

  it('goes on with an upload in parts under its own name alone', async () => {
    const { url } = await start()
    const announced = { payload: 'film.bin', size: 30_000_000, multipart: true }
    const { body: begun } = await call(url, 'files/signed-uploads', announced)
    const { key, uploadId } = begun
    expect(key).toBe('film.bin')
    expect((await call(url, 'files/signed-uploads', { key, uploadId })).status).toBe(200)
    expect((await call(url, 'files/signed-uploads', { key: 'other.bin', uploadId })).status).toBe(404)
    expect((await call(url, 'files/signed-uploads', { key, uploadId: 'made-up' })).status).toBe(404)
  })

  it('serves the client to the page as it was built', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/client/index.js`)
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toContain('startUpload')
  })

  async function start(env: Record<string, string> = {}): Promise<{ program: Program; url: string }> {
    // Empty is as good as absent: what the machine has set must not decide.
    const clean = { HOST: '', LATCHKEY_SECRET: '', PORT: String(await freePort()), DATA_DIR: dataFolder }
    const program = await startProgram(MAIN, { ...clean, ...env }, READY)
    started.push(program)
    return { program, url: program.match.groups?.url ?? '' }
  }
})

async function call(url: string, path: string, body?: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const options = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch(`${url}/${path}`, options)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Uploads as the page does, and returns the name that the file got. */
async function upload(url: string, name: string, type = 'text/plain', text = 'text'): Promise<string> {
  const announced = { payload: name, contentType: type, size: Buffer.byteLength(text) }
  const { body } = await call(url, 'files/signed-uploads', announced)
  const response = await fetch(new URL(String(body.url), url), {
    method: 'PUT',
    headers: { 'content-type': type },
    body: text,
  })
  expect(response.status).toBe(201)
  return String(body.key)
}
