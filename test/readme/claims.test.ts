import { cpSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LatchkeyOptions, StorageDriver, UrlOptions } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { SMALL_BYTES } from '../../packages/drivers/src/fs/known-objects.js'
import { readSettings } from '../../packages/drivers/src/fs/settings.js'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import {
  codeOf,
  expectInvalid,
  jsonOf,
  KEYS,
  latchkeyWith,
  NOW,
  newFolder,
  post,
  read,
  SECRET,
  send,
  textOf,
  upload,
} from './exchange.js'
import { readReadme } from './markdown.js'
import { askRoute, refusalOf } from './route-rows.js'

/** A bullet that advises, or tells of things that no test of this repository can make happen. */
const ADVICE = 'advice'

/** What shows a bullet: a test, the name of another test, or nothing. */
type Claim = (() => Promise<void>) | { readonly shownBy: string } | typeof ADVICE

const SECURITY: Readonly<Record<string, Claim>> = {
  'What it protects.': async () => {
    const files = latchkeyWith()
    await upload(files, 'a')
    await upload(files, 'b')
    const { url } = await files.signedUrl('a', { operations: ['get'] })
    expect((await send(files, 'GET', url)).status).toBe(200)
    for (const changed of [
      url.replace('/a', '/b'),
      url.replace('.e', '.e1'),
      url.replace('og', 'odg'),
      url.slice(0, -1),
    ]) {
      expect(changed).not.toBe(url)
      expect(codeOf(await send(files, 'GET', changed))).toBe('invalid_signature')
    }
    expect(codeOf(await send(files, 'DELETE', url))).toBe('invalid_signature')
    const [there, absent] = [await send(files, 'GET', '/files/a'), await send(files, 'GET', '/files/absent')]
    expect(there).toEqual(absent)
  },
  'What it does not protect.': async () => {
    const { url, expiresAt } = await latchkeyWith().signedUploadUrl('a', { maxSize: 7 })
    expect(url).toContain(`e${expiresAt.getTime() / 1000}~m7`)
  },
  'Where it leaks.': async () => {
    const files = latchkeyWith()
    await upload(files, 'a')
    expect((await read(files, 'a')).headers['referrer-policy']).toBe('no-referrer')
  },
  'Ends.': async () => {
    const files = latchkeyWith()
    await upload(files, 'a')
    const { url } = await files.signedUrl('a')
    const another = latchkeyWith({ storage: files.storage, keys: [{ id: 'k2', secret: SECRET }] })
    expect(codeOf(await send(another, 'GET', url))).toBe('invalid_signature')
    await files.storage.delete('a')
    expect(codeOf(await send(files, 'GET', url))).toBe('not_found')
    const later = latchkeyWith({ storage: files.storage, now: () => NOW + 3_600_000 })
    expect(codeOf(await send(later, 'GET', url))).toBe('expired')
  },
  'HTTPS.': ADVICE,
  'Secrets.': () => expectInvalid(() => latchkeyWith({ keys: [{ id: 'k', secret: 'x'.repeat(31) }] })),
  'Rotation.': { shownBy: 'the runbook for a new signing key, rolled through two processes' },
  'baseUrl.': async () => {
    const files = latchkeyWith({ baseUrl: 'https://app.example.com/files' })
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' }
    const reply = await upload(files, 'a', { body: 'x', headers })
    expect(reply.headers.location).toBe('https://app.example.com/files/a')
  },
  'Audience.': async () => {
    const [one, two] = [
      latchkeyWith({ baseUrl: 'https://one.example/files' }),
      latchkeyWith({ baseUrl: 'https://two.example/files' }),
    ]
    const { url } = await one.signedUrl('a')
    expect(codeOf(await send(one, 'GET', url))).toBe('not_found')
    expect(codeOf(await send(two, 'GET', url))).toBe('invalid_signature')
  },
  authorize: async () => {
    const answers = [() => Promise.reject(new Error('no')), () => ({ allowed: true }), () => true]
    for (const answer of answers) {
      const files = latchkeyWith({ authorize: answer as never, onError: () => {} })
      await upload(files, 'a')
      expect((await post(files, '/files/a/signed-url', {})).status).toBeGreaterThanOrEqual(403)
    }
    const files = latchkeyWith({ authorize: () => ({}) })
    await upload(files, 'a')
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const form = { body: '{}', headers: { 'content-type': type } }
      expect(codeOf(await send(files, 'POST', '/files/a/signed-url', form))).toBe('unsupported_media_type')
    }
  },
  'Script in uploads.': async () => {
    const files = latchkeyWith()
    for (const key of ['a.html', 'a.svg', 'a.xml', 'a.txt']) await upload(files, key)
    for (const key of ['a.html', 'a.svg', 'a.xml']) {
      const { headers } = await read(files, key)
      expect(headers['content-disposition']).toMatch(/^attachment/)
      expect(headers['content-security-policy']).toContain('sandbox')
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
    expect((await read(files, 'a.txt')).headers['x-content-type-options']).toBe('nosniff')
    expect((await send(files, 'GET', '/files/a')).headers['x-content-type-options']).toBe('nosniff')
  },
  'Create only.': async () => {
    const files = latchkeyWith()
    const { url } = await files.signedUploadUrl('a')
    expect((await send(files, 'PUT', url, { body: 'one' })).status).toBe(201)
    expect((await send(files, 'PUT', url, { body: 'two' })).status).toBe(409)
    expect(await textOf(await read(files, 'a'))).toBe('one')
    const suffixed = await files.signedUploadUrl('b', { addRandomSuffix: true })
    const locations = new Set<string | undefined>()
    for (const body of ['one', 'two']) {
      locations.add((await send(files, 'PUT', suffixed.url, { body })).headers.location)
    }
    expect(locations.size).toBe(2)
  },
  'Size.': async () => {
    const files = latchkeyWith()
    const { url } = await files.signedUploadUrl('a', { maxSize: 4 })
    const path = url.slice('/files'.length)
    async function* body() {
      yield Buffer.from('hello')
    }
    // Chunked: no length is announced.
    const chunked = { 'transfer-encoding': 'chunked' } as Readonly<Record<string, string>>
    const header = (name: string) => chunked[name]
    const reply = await files.handle({ method: 'PUT', path, header, body: body(), bodyAlreadyRead: false })
    expect(reply.status).toBe(413)
    expect(await files.storage.stat('a')).toBeNull()
  },
  'Type.': async () => {
    const sent = { body: '<script>', headers: { 'content-type': 'image/png' } }
    const types = { allowedTypes: ['image/*'] }
    expect((await upload(latchkeyWith(), 'a', sent, types)).status).toBe(201)
    const sniffing = latchkeyWith({ sniff: () => undefined })
    expect((await upload(sniffing, 'a', sent, types)).status).toBe(415)
  },
  'Public objects.': async () => {
    const files = latchkeyWith()
    await upload(files, 'a', { body: 'x' }, { visibility: 'public' })
    await upload(files, 'b', { body: 'x' }, { visibility: 'public', cacheControlMaxAge: 60 })
    const cached = async (url: string) => (await send(files, 'GET', url)).headers['cache-control']
    expect(await cached('/files/a')).toBe(`public, max-age=${365 * 86_400}, immutable`)
    expect(await cached('/files/b')).toBe('public, max-age=60')
    expect(
      (await send(latchkeyWith({ storage: files.storage, visibility: 'private' }), 'GET', '/files/a')).status,
    ).toBe(403)
  },
  'Caches.': async () => {
    const files = latchkeyWith()
    await upload(files, 'a')
    expect((await read(files, 'a')).headers['cache-control']).toBe('private, max-age=300')
    expect((await read(files, 'a', { expiresIn: 9 })).headers['cache-control']).toBe('private, max-age=9')
  },
  'Body parsers.': async () => {
    const reply = await upload(latchkeyWith({ onError: () => {} }), 'a', { body: 'x', bodyAlreadyRead: true })
    expect(codeOf(reply)).toBe('body_already_read')
  },
  'Long uploads.': async () => {
    expect(createServer().requestTimeout).toBe(300_000)
    expect(fastify().server.requestTimeout).toBe(0)
  },
  'Proxies.': ADVICE,
  'Clocks.': async () => {
    const { url } = await latchkeyWith({ now: () => NOW - 7_200_000 }).signedUrl('a')
    expect(codeOf(await send(latchkeyWith(), 'GET', url))).toBe('expired')
  },
  'A key that leaked.': { shownBy: 'the runbook: needs its wait' },
  'With one call.': { shownBy: 'a leaked key is refused by every process at once' },
  'Ids.': async () => {
    const files = latchkeyWith()
    await expectInvalid(() => files.keys.reload([{ id: 'k1', secret: `${SECRET}, but another` }]))
    const { url } = await files.signedUrl('a')
    expect(codeOf(await send(files, 'GET', url))).toBe('not_found')
  },
}

const PARTS: Readonly<Record<string, Claim>> = {
  'Limits.': async () => {
    const { files, part, url } = await begun({ maxSize: 5 })
    for (const [number, code] of [
      ['0', 'invalid_part'],
      ['10001', 'invalid_part'],
    ]) {
      expect(codeOf(await send(files, 'PUT', `${url}&partNumber=${number}`, { body: 'x' }))).toBe(code)
    }
    expect((await part(10_000, 'abc')).status).toBe(200)
    expect(codeOf(await part(1, 'abc'))).toBe('too_large')
    const { url: wider } = await files.signedUploadUrl('a', { maxSize: '1mb' })
    const uploadId = url.slice(url.indexOf('&'))
    expect(codeOf(await send(files, 'PUT', `${wider}${uploadId}&partNumber=1`, { body: 'abc' }))).toBe(
      'too_large',
    )
    const typed = await files.signedUploadUrl('b', { allowedTypes: ['image/*'] })
    const began = await send(files, 'POST', `${typed.url}&uploads`, {
      headers: { 'content-type': 'text/html' },
    })
    expect(codeOf(began)).toBe('type_not_allowed')
  },
  'Completion.': async () => {
    const { files, part, url } = await begun()
    const parts: object[] = []
    for (const [at, text] of ['one', 'two'].entries()) {
      parts.push({ partNumber: at + 1, etag: (await part(at + 1, text)).headers.etag })
    }
    expect(codeOf(await post(files, url, { parts: [...parts].reverse() }))).toBe('invalid_part')
    expect((await read(files, 'a')).status).toBe(404)
    const first = await post(files, url, { parts })
    expect(first.status).toBe(201)
    const again = await post(files, url, { parts })
    expect([again.status, again.body]).toEqual([first.status, first.body])
    expect(await textOf(await read(files, 'a'))).toBe('onetwo')
  },
  'Time.': async () => {
    const root = newFolder()
    const nearlyOver = () => Date.now() - 86_400_000 + 1500
    const { part } = await begun({ expiresIn: '7d' }, { storage: fsDriver({ root }), now: nearlyOver })
    expect((await part(1, 'x')).status).toBe(200)
    await sleep(1600)
    expect(codeOf(await part(2, 'x'))).toBe('upload_not_found')
    const uploads = join(root, '.latchkey/uploads')
    expect(readdirSync(uploads)).toHaveLength(1)
    await upload(latchkeyWith({ storage: fsDriver({ root }) }), 'b')
    await expect.poll(() => readdirSync(uploads)).toEqual([])
  },
  'Room.': ADVICE,
  'Id.': async () => {
    const files = latchkeyWith({ authorize: () => ({}) })
    const open = async () =>
      jsonOf<{ url: string; uploadId: string }>(
        await post(files, '/files/signed-uploads', { key: 'a', multipart: true }),
      )
    const [one, other] = [await open(), await open()]
    const put = (url: string, uploadId: string) =>
      send(files, 'PUT', `${url}&uploadId=${uploadId}&partNumber=1`, { body: 'x' })
    expect((await put(one.url, one.uploadId)).status).toBe(200)
    expect(codeOf(await put(one.url, other.uploadId))).toBe('invalid_signature')
    expect(codeOf(await send(files, 'PUT', one.url, { body: 'x' }))).toBe('invalid_signature')
    expect((await put('/files/a?', one.uploadId)).status).toBe(403)
    expect((await send(files, 'PUT', `/files/a?token=${one.uploadId}`, { body: 'x' })).status).toBe(403)
  },
}

const DOWNLOADS: Readonly<Record<string, Claim>> = {
  'What counts.': async () => {
    const { files, url } = await limited(2)
    const range = await send(files, 'GET', url, { headers: { range: 'bytes=1-2' } })
    expect(await textOf(range)).toBe('el')
    const broken = await send(files, 'GET', url)
    for await (const _chunk of broken.body as AsyncIterable<Uint8Array>) break
    expect(codeOf(await send(files, 'GET', url))).toBe('exhausted')
  },
  'What does not count.': async () => {
    const { files, url, etag } = await limited(1)
    expect((await send(files, 'HEAD', url)).status).toBe(200)
    expect((await send(files, 'GET', url, { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect((await send(files, 'GET', url, { headers: { range: 'bytes=9-' } })).status).toBe(416)
    await textOf(await send(files, 'GET', url))
    expect((await send(files, 'HEAD', url)).status).toBe(403)
  },
  'Prefetch.': async () => {
    const { files, url } = await limited(1)
    const ahead = { headers: { 'sec-purpose': 'prefetch;prerender' } }
    expect(codeOf(await send(files, 'GET', url, ahead))).toBe('prefetch_refused')
    expect((await send(files, 'GET', url)).status).toBe(200)
  },
  'Delegations.': { shownBy: 'the rows maxDownloads of issueSignedToken, presignUrl and narrow' },
  'One process.': async () => {
    const { files, url } = await limited(1)
    await textOf(await send(files, 'GET', url))
    const another = latchkeyWith({ storage: files.storage, ledger: memoryLedger({ now: () => NOW }) })
    expect((await send(another, 'GET', url)).status).toBe(200)
  },
  'Faults.': { shownBy: 'the code ledger_unavailable' },
  'The window.': { shownBy: 'the row resumeWindow of signedUrl' },
  'The same client': async () => {
    const { files, url } = await limited(1, { resumeWindow: 60 })
    const part = async (address: string | undefined, agent: string) => {
      const headers = { range: 'bytes=1-2', 'user-agent': agent }
      const reply = await send(files, 'GET', url, { headers, ...(address !== undefined && { address }) })
      await textOf(reply)
      return reply.status
    }
    expect(await part('192.0.2.1', 'a')).toBe(206)
    expect(await part('192.0.2.1', 'a')).toBe(206)
    expect(await part('192.0.2.2', 'a')).toBe(403)
    expect(await part('192.0.2.1', 'b')).toBe(403)
    // Without an address every part counts, whoever asks.
    for (const address of ['', undefined]) {
      const counted = await limited(2, { resumeWindow: 60 })
      const statuses: number[] = []
      for (let times = 0; times < 3; times++) {
        const sent = { headers: { range: 'bytes=1-2' }, ...(address !== undefined && { address }) }
        const reply = await send(counted.files, 'GET', counted.url, sent)
        await textOf(reply)
        statuses.push(reply.status)
      }
      expect(statuses).toEqual([206, 206, 403])
    }
  },
  'What it lets through.': ADVICE,
  'What is kept.': { shownBy: 'the case “the ledger learns neither address nor browser”' },
  'A GET': { shownBy: 'the row confirm of signedUrl, and the code confirmation_required' },
  'The button': { shownBy: 'the row confirm of signedUrl' },
  'The file': async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const disposition = async (options: UrlOptions) => {
      const { files, url } = await limited(1, { confirm: true, ...options })
      const reply = await send(files, 'POST', url, { headers, body: 'confirm=1' })
      return reply.headers['content-disposition']?.split(';')[0]
    }
    expect(await disposition({})).toBe('attachment')
    expect(await disposition({ download: false })).toBe('inline')
  },
  'Parts.': async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const address = '192.0.2.1'
    for (const [options, expected] of [
      [{}, 403],
      [{ resumeWindow: 60 }, 206],
    ] as const) {
      const { files, url } = await limited(2, { confirm: true, ...options })
      await textOf(await send(files, 'POST', url, { headers, body: 'confirm=1', address }))
      const part = await send(files, 'GET', url, { headers: { range: 'bytes=1-2' }, address })
      expect(part.status).toBe(expected)
    }
  },
  'Other sites.': { shownBy: 'the case “the form of another site confirms nothing”' },
}

const LEDGERS: Readonly<Record<string, Claim>> = {
  'Packages.': { shownBy: 'the sqlite ledger on a newer Node' },
  'A connection of its own.': { shownBy: 'sets its connection up' },
  'A local disk.': ADVICE,
  'Durable.': { shownBy: 'what a process was granted outlives its kill -9' },
  'It blocks.': ADVICE,
  'A locked file.': { shownBy: 'the row busyTimeout' },
  'The folder.': ADVICE,
}

const REVOCATIONS: Readonly<Record<string, Claim>> = {
  'What can be revoked.': async () => {
    const looks: number[] = []
    const ledger = memoryLedger({ now: () => NOW })
    const isRevoked: typeof ledger.isRevoked = (...asked) => {
      looks.push(asked[1])
      return ledger.isRevoked(...asked)
    }
    const files = latchkeyWith({ ledger: { ...ledger, isRevoked } })
    await upload(files, 'a')
    await read(files, 'a')
    await expectInvalid(async () => files.revoke({ url: (await files.signedUrl('a')).url }))
    expect(looks).toEqual([])
    await read(files, 'a', { revocable: true })
    await read(files, 'a', { subject: 'ada' })
    expect(looks).toEqual([NOW / 1000, NOW / 1000])
  },
  'At once.': { shownBy: 'a download under way goes on, and the next is refused' },
  'Descent.': { shownBy: 'the rows revocable of presignUrl and narrow' },
  'Uploads in parts.': async () => {
    const files = revoking()
    const { url } = await files.signedUploadUrl('a', { revocable: true })
    const { uploadId } = await jsonOf(
      await send(files, 'POST', `${url}&uploads`, { headers: { accept: 'application/json' } }),
    )
    const other = await files.signedUploadUrl('a')
    const part = `${other.url}&uploadId=${uploadId}&partNumber=1`
    expect((await send(files, 'PUT', part, { body: 'x' })).status).toBe(200)
    await files.revoke({ url })
    expect(codeOf(await send(files, 'PUT', part, { body: 'x' }))).toBe('revoked')
  },
  'From now on.': async () => {
    const ledger = memoryLedger({ now: () => NOW })
    const at = (ms: number) => latchkeyWith({ ledger, now: () => NOW + ms })
    await at(0).revoke({ subject: 'ada' })
    for (const [ms, code] of [
      [1000, 'revoked'],
      [2000, 'not_found'],
    ] as const) {
      const { url } = await at(ms).signedUrl('a', { subject: 'ada' })
      expect(codeOf(await send(at(2000), 'GET', url))).toBe(code)
    }
  },
  'Browsers.': async () => {
    const files = revoking()
    await upload(files, 'a')
    const cached = async (options: object) =>
      (await read(files, 'a', { revocable: true, ...options })).headers['cache-control']
    expect(await cached({})).toBe('private, no-cache')
    expect(await cached({ cacheControlMaxAge: 60 })).toBe('private, max-age=60')
    expect(await cached({ responseHeaders: { 'cache-control': 'private' } })).toBe('private')
  },
  'All of them.': { shownBy: 'the row revocable of createLatchkey' },
  'No answer.': async () => {
    const down = () => Promise.reject(new Error('down'))
    const ledger = { ...memoryLedger(), revoke: down, isRevoked: down }
    const files = latchkeyWith({ ledger, onError: () => {} })
    await expect(files.revoke({ subject: 'ada' })).rejects.toMatchObject({ code: 'ledger_unavailable' })
    expect(codeOf(await read(files, 'a', { revocable: true }))).toBe('ledger_unavailable')
  },
  'Memory.': { shownBy: 'how long, by the bounds of the mount' },
  'Several mounts.': async () => {
    const ledger = memoryLedger({ now: () => NOW })
    const [files, other] = [latchkeyWith({ ledger }), latchkeyWith({ ledger, audience: 'another' })]
    const { url } = await files.signedUrl('a', { subject: 'ada' })
    await other.revoke({ subject: 'ada' })
    expect(codeOf(await send(files, 'GET', url))).toBe('not_found')
  },
}

const DISK: Readonly<Record<string, Claim>> = {
  'All or nothing.': async () => {
    const { files, root } = onDisk()
    await upload(files, 'a')
    const cut = { body: 'longer', headers: { 'content-length': '7' } }
    expect((await upload(files, 'a', cut, { allowOverwrite: true })).status).toBe(400)
    expect(await textOf(await read(files, 'a'))).toBe('hello')
    expect(readdirSync(join(root, '.latchkey/tmp'))).toEqual([])
  },
  'kill -9.': { shownBy: 'an app that is killed in the middle of an upload keeps no trace of it' },
  'Loss of power.': ADVICE,
  'Memory of uploads.': { shownBy: 'up to 16 uploads at once are written in batches of 1 MiB' },
  'Memory of downloads.': { shownBy: 'up to 32 downloads at once have chunks of 256 KiB' },
  'Several processes': async () => {
    const { root, storage } = onDisk()
    const racers = [storage, fsDriver({ root }), fsDriver({ root })].map((driver) => diskRacer(driver))
    expect((await Promise.all(racers)).sort()).toEqual([201, 409, 409])
  },
  '.latchkey': async () => {
    const { files } = onDisk()
    expect(codeOf(await upload(files, '.latchkey/a'))).toBe('invalid_key')
    expect(codeOf(await read(files, '.latchkey/a'))).toBe('not_found')
  },
  'Foreign files.': async () => {
    const { files, root } = onDisk()
    writeFileSync(join(root, 'a.css'), 'b{}')
    expect((await send(files, 'GET', '/files/a.css')).status).toBe(403)
    expect((await read(files, 'a.css')).headers['content-type']).toMatch(/^text\/css/)
    await upload(
      files,
      'b.txt',
      { body: 'x', headers: { 'content-type': 'image/png' } },
      { visibility: 'public' },
    )
    await files.setVisibility('a.css', 'public')
    expect((await send(files, 'GET', '/files/a.css')).status).toBe(200)
    writeFileSync(join(root, 'a.css'), 'c{color:red}')
    expect((await send(files, 'GET', '/files/a.css')).status).toBe(403)
    writeFileSync(join(root, 'b.txt'), 'edited')
    expect((await send(files, 'GET', '/files/b.txt')).status).toBe(403)
    expect((await read(files, 'b.txt')).headers['content-type']).toMatch(/^text\/plain/)
  },
  'Copies.': async () => {
    const { files, root } = onDisk()
    await upload(files, 'a.txt', { body: 'x' }, { visibility: 'public' })
    expect((await send(files, 'GET', '/files/a.txt')).status).toBe(200)
    const copy = newFolder()
    cpSync(root, copy, { recursive: true, preserveTimestamps: true })
    const copied = latchkeyWith({ storage: fsDriver({ root: copy }) })
    expect((await send(copied, 'GET', '/files/a.txt')).status).toBe(403)
    expect((await read(copied, 'a.txt')).status).toBe(200)
  },
  'Symbolic links': async () => {
    const { files, root } = onDisk()
    const outside = newFolder()
    writeFileSync(join(outside, 'secret'), 'x')
    symlinkSync(outside, join(root, 'out'))
    symlinkSync(join(outside, 'secret'), join(root, 'direct'))
    await upload(files, 'real')
    symlinkSync(join(root, 'real'), join(root, 'alias'))
    expect(await textOf(await read(files, 'alias'))).toBe('hello')
    for (const key of ['out/secret', 'direct']) expect(codeOf(await read(files, key))).toBe('not_found')
    expect(codeOf(await upload(files, 'out/new'))).toBe('invalid_key')
    expect(readdirSync(outside)).toEqual(['secret'])
  },
  'Small objects': async () => {
    const { files, root } = onDisk()
    await upload(files, 'a.txt')
    for (let turn = 0; turn < 3; turn++) expect(await textOf(await read(files, 'a.txt'))).toBe('hello')
    writeFileSync(join(root, 'a.txt'), 'edited')
    expect(await textOf(await read(files, 'a.txt'))).toBe('edited')
    expect(readSettings({ root }).contentCacheSize).toBe(8 * 1024 * 1024)
    expect(SMALL_BYTES).toBe(64 * 1024)
  },
  'Larger objects': {
    shownBy: 'is one of 64 at most, of which the one that was not asked for the longest is closed',
  },
  'Names.': async () => {
    const { files } = onDisk()
    expect((await upload(files, 'a'.repeat(255))).status).toBe(201)
    expect(codeOf(await upload(files, 'a'.repeat(256)))).toBe('invalid_key')
    await upload(files, 'a')
    expect(codeOf(await upload(files, 'a/b'))).toBe('key_conflict')
  },
  'File systems that ignore case or Unicode forms': ADVICE,
}

const PUBLIC_FILES: Readonly<Record<string, Claim>> = {
  'When.': async () => {
    const { files, root } = onDisk()
    await upload(files, 'a')
    const other = latchkeyWith({ storage: fsDriver({ root }) })
    expect((await send(other, 'GET', '/files/a')).status).toBe(403)
    for (let turn = 0; turn < 2; turn++) {
      expect(await files.setVisibility('a', 'public')).toEqual({ visibility: 'public' })
      const reply = await send(other, 'HEAD', '/files/a')
      expect(reply.status).toBe(200)
    }
    await expect(files.setVisibility('absent', 'public')).rejects.toMatchObject({ code: 'not_found' })
  },
  'Copies out there.': async () => {
    const files = latchkeyWith()
    await upload(files, 'a', { body: 'x' }, { cacheControlMaxAge: 60 })
    await upload(files, 'b')
    for (const key of ['a', 'b']) await files.setVisibility(key, 'public')
    const cached = async (url: string) => (await send(files, 'GET', url)).headers['cache-control']
    expect(await cached('/files/a')).toBe('public, max-age=60')
    expect(await cached('/files/b')).toBe(`public, max-age=${365 * 86_400}, immutable`)
  },
  'Overwrites.': async () => {
    const files = latchkeyWith()
    await upload(files, 'a')
    await files.setVisibility('a', 'public')
    await upload(files, 'a', { body: 'x' }, { allowOverwrite: true })
    expect((await send(files, 'GET', '/files/a')).status).toBe(403)
  },
  'Your own rule.': async () => {
    const faults: unknown[] = []
    const files = latchkeyWith({
      onError: (error) => faults.push(error),
      visibility: (key) => {
        if (key === 'c') throw new Error('no answer')
        return key === 'a' ? 'public' : 'private'
      },
    })
    for (const key of ['a', 'b', 'c']) await upload(files, key, { body: 'x' }, { visibility: 'public' })
    const statuses = []
    for (const key of ['a', 'b', 'c']) statuses.push((await send(files, 'GET', `/files/${key}`)).status)
    expect(statuses).toEqual([200, 403, 403])
    expect(faults).toHaveLength(1)
    await expectInvalid(() => files.setVisibility('a', 'private'))
  },
  'No public objects.': { shownBy: 'visibility' },
}

const ROUTES: Readonly<Record<string, Claim>> = {
  'To the byte.': async () => {
    const { url } = await latchkeyWith().signUrl('/a?b=%2F&c=d')
    expect(refusalOf(await askRoute(url))).toBeUndefined()
    for (const changed of [
      url.replace('&token', '&more&token'),
      url.replace('b=%2F&c=d', 'c=d&b=%2F'),
      url.replace('%2F', '%2f'),
      url.replace('/a', '/a/'),
    ]) {
      expect(changed).not.toBe(url)
      expect(refusalOf(await askRoute(changed))).toBe('invalid_signature')
    }
    expect('refusal' in (await askRoute(url, {}, 'HEAD'))).toBe(true)
  },
  'Encoded.': async () => {
    const text = 'ä b/c?d&e=f%#\'"<>\\^`{|}+token=..'
    const target = `/${encodeURIComponent(text)}?${new URLSearchParams({ text })}`
    const { url } = await latchkeyWith().signUrl(target)
    expect(url.startsWith(target)).toBe(true)
    expect(new URL(url, 'http://host').href).toBe(`http://host${url}`)
    expect(refusalOf(await askRoute(url))).toBeUndefined()
    const raw = ['/ä', '/a b', '/a#b', '/a\\b', '/a?b="', "/a?b='", '/../a', '//a']
    await expectInvalid(...raw.map((given) => () => latchkeyWith().signUrl(given)))
  },
  'Apart from files.': async () => {
    const files = latchkeyWith()
    await upload(files, 'a')
    const [file, route] = [await files.signedUrl('a'), await files.signUrl('/files/a')]
    expect(codeOf(await send(files, 'GET', route.url))).toBe('invalid_signature')
    expect(refusalOf(await askRoute(file.url))).toBe('invalid_signature')
  },
  'More than once.': async () => {
    const { url } = await latchkeyWith().signUrl('/a')
    for (let turn = 0; turn < 2; turn++) expect(refusalOf(await askRoute(url))).toBeUndefined()
  },
  'Bodies.': { shownBy: 'leaves the body to the parser behind it' },
  'Behind a proxy': { shownBy: 'appUrl' },
}

const REDIS: Readonly<Record<string, Claim>> = {
  'Clients.': { shownBy: 'with the client of' },
  'Nothing may be evicted.': { shownBy: 'everything that it keeps has an end, and is gone then' },
  'Durable.': { shownBy: 'a kill -9 in mid-claims loses no use that was granted, and counts none twice' },
  'Replicas.': ADVICE,
  'Clusters.': { shownBy: 'the keys of each script are in one slot' },
  'Slow or away.': { shownBy: 'where Redis hangs, claims are refused after two seconds' },
  'Several apps.': { shownBy: 'another ledger knows of a revocation at once' },
}

const POSTGRES: Readonly<Record<string, Claim>> = {
  'Tables.': { shownBy: 'may be run by several processes at once, and again; it keeps what is there' },
  'Durable.': { shownBy: 'a kill -9 in mid-claims loses no use that was granted, and counts none twice' },
  'What is over': { shownBy: 'what is over is deleted, a little with each claim and revocation' },
  'The pool.': ADVICE,
  'Slow or away.': { shownBy: 'where PostgreSQL hangs, claims are refused after two seconds' },
  'Isolation.': { shownBy: 'where the database is stricter than READ COMMITTED, no use is had too often' },
}

const PROCESSES: Readonly<Record<string, Claim>> = {
  Uploads: { shownBy: 'leaves of the others all or nothing, and they succeed when they are repeated' },
  Downloads: { shownBy: 'repeats reads, and no upload, for a process that dies with them in its hands' },
  Counts: { shownBy: 'lets no link be served more often than it is good for' },
  'The bucket': { shownBy: 'leaves in the bucket what the lifecycle rules are for, and no more' },
}

const DIRECT: Readonly<Record<string, Claim>> = {
  'Announced.': { shownBy: 'the store takes what was announced, and nothing else' },
  'Staged.': { shownBy: 'limits: empty, too large, too large for one piece' },
  'Confirmed.': { shownBy: 'bytes that come between the look and the copy are not published' },
  'Repeated.': { shownBy: 'completed twice at the same moment, it is one upload' },
  'Refused.': { shownBy: 'expired: nothing is published; who gets another URL goes on' },
  'A leaked URL of the storage': { shownBy: 'revoked between the bytes and the completion' },
  'Room.': ADVICE,
  'No bytes here.': { shownBy: 'bytes that come to the app are refused, and it says where they go' },
  'A store that takes unsigned headers': { shownBy: 'no copy of another object' },
  'What was looked at is what is published.': {
    shownBy: 'nor such as have the same MD5, by which the store knows a version',
  },
}

describe.each([
  ['Public files', PUBLIC_FILES],
  ['Sign your own routes', ROUTES],
  ['Security', SECURITY],
  ['Files on a disk', DISK],
  ['Uploads in parts', PARTS],
  ['Count downloads', DOWNLOADS],
  ['Revoke URLs', REVOCATIONS],
  ['Choose a ledger', LEDGERS],
  ['Count in Redis', REDIS],
  ['Count in PostgreSQL', POSTGRES],
  ['Several processes', PROCESSES],
  ['Who takes the bytes', DIRECT],
])('%s', (heading, claims) => {
  test('each point is shown, or marked as advice, and the reverse', () => {
    expect(pointsUnder(heading)).toEqual(Object.keys(claims))
  })

  for (const [point, claim] of Object.entries(claims)) {
    if (typeof claim === 'function') test(point, claim)
  }
})

/** The bold words that the points under a heading begin with. */
function pointsUnder(heading: string): string[] {
  const { text } = readReadme('README.md')
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^- \*\*([^*]+)\*\*/gm)].map(([, words = '']) => words.replaceAll('`', ''))
}

/** An upload in parts of `a` that has begun. */
async function begun(limits: Parameters<typeof upload>[3] = {}, options: Partial<LatchkeyOptions> = {}) {
  const files = latchkeyWith(options)
  const signed = await files.signedUploadUrl('a', limits)
  const { uploadId } = await jsonOf(
    await send(files, 'POST', `${signed.url}&uploads`, { headers: { accept: 'application/json' } }),
  )
  const url = `${signed.url}&uploadId=${uploadId}`
  const part = (number: number, body: string) => send(files, 'PUT', `${url}&partNumber=${number}`, { body })
  return { files, part, url }
}

/** An object and a URL that is good for so many downloads. */
const revoking = () => latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })

async function limited(maxDownloads: number, options: UrlOptions = {}) {
  const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
  const { etag = '' } = (await upload(files, 'a')).headers
  return { files, etag, url: (await files.signedUrl('a', { maxDownloads, ...options })).url }
}

function onDisk(): { files: ReturnType<typeof latchkeyWith>; root: string; storage: StorageDriver } {
  const root = newFolder()
  const storage = fsDriver({ root })
  return { files: latchkeyWith({ storage }), root, storage }
}

async function diskRacer(storage: StorageDriver): Promise<number> {
  const options: Partial<LatchkeyOptions> = { storage, keys: KEYS }
  return (await upload(latchkeyWith(options), 'raced')).status
}
