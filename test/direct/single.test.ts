import { createHash } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { presignUrl } from '@latchkey/client/presign'
import type { CompletedUpload, ReceivedEvent } from '@latchkey/core'
import { plainHost } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { useRadosgw } from '../engines/use-engine.js'
import { hosts } from '../hosts/index.js'
import { type Announced, type DirectApp, directApp } from './direct-app.js'

const radosgw = useRadosgw()
const PNG = { size: 5, contentType: 'image/png' }

/** Two bodies with one MD5, by Wang, Feng, Lai and Yu (2004). */
const SAME_MD5 = ['', '8'].map((change) => {
  const flip = (hex: string, to: string) => (change === '' ? hex : to)
  return [
    `d131dd02c5e6eec4693d9a0698aff95c2fcab5${flip('8', '0')}712467eab4004583eb8fb7f89`,
    `55ad340609f4b30283e4888325${flip('71', 'f1')}415a085125e8f7cdc99fd91dbd${flip('f', '7')}280373c5b`,
    `d8823e3156348f5bae6dacd436c919c6dd53e2${flip('b', '3')}487da03fd02396306d248cda0`,
    `e99f33420f577ee8ce54b67080${flip('a8', '28')}0d1ec69821bcb6a8839396f965${flip('2', 'a')}b6ff72a70`,
  ].join('')
})

const start = (...[options, storage]: [Parameters<typeof directApp>[2]?, Parameters<typeof directApp>[3]?]) =>
  directApp(radosgw(), plainHost, options, storage)

/** An upload whose bytes are in the bucket, and which nobody has completed. */
async function sent(app: DirectApp, key = 'a.png', options = {}, body = 'hello'): Promise<Announced> {
  const { url } = await app.files.signedUploadUrl(key, options)
  const { announced, status } = await app.announce(url, PNG)
  expect(status).toBe(200)
  expect(await app.put(announced, body)).toBe(200)
  return announced
}

describe.each(Object.values(hosts))('$name has clients send bytes to the bucket', (host) => {
  test('announced, sent, completed', async () => {
    const told: CompletedUpload[] = []
    const app = await directApp(radosgw(), host, { onUploadCompleted: (upload) => void told.push(upload) })
    const events: ReceivedEvent[] = []
    const listener = (event: unknown) => void events.push(event as ReceivedEvent)
    channel('latchkey:received').subscribe(listener)
    onTestFinished(() => void channel('latchkey:received').unsubscribe(listener))
    const key = 'a b/größe+?#.png'
    const signed = await app.files.signedUploadUrl(key, {
      maxSize: 10,
      allowedTypes: ['image/*'],
      cacheControlMaxAge: 7,
      payload: 'p',
    })
    expect(signed.method).toBe('POST')
    const { status, headers, announced } = await app.announce(signed.url, PNG)
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(announced).toMatchObject({ key, method: 'PUT', size: 5 })
    expect(new URL(announced.url).origin).toBe(radosgw().url)
    expect(new URL(announced.url).pathname).toContain('/.latchkey/uploads/')
    expect(new URL(announced.url).searchParams.get('X-Amz-SignedHeaders')).toContain(
      'content-length;content-type;host',
    )
    expect(await app.put(announced, 'hello')).toBe(200)
    expect(await app.read(key)).toBeNull()
    const done = await app.send('POST', announced.complete)
    expect(done).toMatchObject({
      status: 201,
      json: { key, size: 5, contentType: 'image/png', etag: expect.any(String), visibility: 'private' },
    })
    const { url } = await app.files.signedUrl(key)
    const reply = await fetch(new URL(url, app.origin))
    expect([
      await reply.text(),
      reply.headers.get('content-type'),
      reply.headers.get('cache-control'),
    ]).toEqual(['hello', 'image/png', 'private, max-age=7'])
    expect(told).toMatchObject([{ key, size: 5, payload: 'p', created: true, etag: done.json.etag }])
    expect(told[0]?.digest.hex).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')
    expect(events).toMatchObject([{ key, size: 5, multipart: false, created: true }])
    expect(await app.staged()).toEqual([])
    expect(await app.storage.leftovers()).toEqual(await app.storage.names('.latchkey/nothing'))
    // A lost answer: the app is not told again.
    const again = await app.send('POST', announced.complete)
    expect([again.status, again.json]).toEqual([201, done.json])
    expect([told.length, events.length]).toEqual([1, 1])
  })

  test('bytes that come to the app are refused, and it says where they go', async () => {
    const app = await directApp(radosgw(), host)
    const { url } = await app.files.signedUploadUrl('a.png')
    const refused = await app.send('PUT', url, 'hello')
    expect(refused).toMatchObject({ status: 405, code: 'method_not_allowed' })
    expect(refused.detail).toContain('POST')
    expect(refused.headers.get('allow')).toContain('POST')
    const { announced } = await app.announce(url, PNG)
    expect((await app.send('PUT', `${announced.complete}&partNumber=1`, 'hello')).status).toBe(405)
    expect(await app.read('a.png')).toBeNull()
    expect((await app.send('PUT', '/files/a.png', 'hello')).code).toBe('token_required')
  })
})

describe('the store takes what was announced, and nothing else', () => {
  test.each([
    ['fewer bytes', 'hell', {}],
    ['more bytes', 'hello!', {}],
    ['another type', 'hello', { 'content-type': 'text/html' }],
  ])('%s', async (_name, body, headers) => {
    const app = await start()
    const { url } = await app.files.signedUploadUrl('a.png')
    const { announced } = await app.announce(url, PNG)
    expect(await app.put(announced, body, headers)).toBe(403)
    const refused = await app.send('POST', announced.complete)
    expect(refused).toMatchObject({ status: 400, code: 'invalid_part' })
    expect(await app.read('a.png')).toBeNull()
    // It is not over: what is missing may still come.
    expect(await app.put(announced, 'hello')).toBe(200)
    expect((await app.send('POST', announced.complete)).status).toBe(201)
  })

  test('an empty file', async () => {
    const app = await start()
    const { url } = await app.files.signedUploadUrl('empty')
    const { announced } = await app.announce(url, { size: 0 })
    expect(await app.put(announced, 'x')).toBe(403)
    expect(await app.put(announced, '')).toBe(200)
    expect((await app.send('POST', announced.complete)).json).toMatchObject({
      size: 0,
      contentType: 'application/octet-stream',
    })
    expect(await app.read('empty')).toBe('')
  })

  test('no copy of another object', async () => {
    const app = await start()
    await app.files.storage.write('secret.png', bytes('SECRE'), {
      contentType: 'image/png',
      visibility: 'private',
    })
    const { url } = await app.files.signedUploadUrl('a.png')
    for (const directive of [{}, { 'x-amz-metadata-directive': 'REPLACE' }] as Record<string, string>[]) {
      const { announced } = await app.announce(url, PNG)
      const source = `/${app.storage.bucket}/${app.storage.prefix}secret.png`
      await app.put(announced, 'hello', { 'x-amz-copy-source': source, ...directive })
      expect((await app.send('POST', announced.complete)).status).toBeGreaterThanOrEqual(400)
      expect(await app.read('a.png')).toBeNull()
    }
    expect((await app.staged()).filter((name) => name.includes('/d/'))).toEqual([])
  })

  test('what the uploader adds to the request is not stored with the object', async () => {
    const app = await start()
    const { url } = await app.files.signedUploadUrl('a.png')
    const { announced } = await app.announce(url, PNG)
    const added = { 'content-encoding': 'gzip', 'content-disposition': 'inline', 'cache-control': 'public' }
    expect(await app.put(announced, 'hello', added)).toBe(200)
    expect((await app.send('POST', announced.complete)).status).toBe(201)
    const { url: read } = await app.files.signedUrl('a.png')
    const reply = await fetch(new URL(read, app.origin))
    expect(await reply.text()).toBe('hello')
    expect([reply.headers.get('content-encoding'), reply.headers.get('content-disposition')]).toEqual([
      null,
      null,
    ])
  })
})

describe('limits are held to the size and type that are signed', () => {
  test.each([
    ['too large', { maxSize: 4 }, PNG, 413, 'too_large'],
    ['too large for the mount', {}, { size: 101 }, 413, 'too_large'],
    ['another type', { allowedTypes: ['video/*'] }, PNG, 415, 'type_not_allowed'],
    ['no media type', {}, { size: 5, contentType: 'png' }, 415, 'type_not_allowed'],
    ['a type by the key', { allowedTypes: ['video/*'] }, { size: 5 }, 415, 'type_not_allowed'],
    ['no size', {}, { contentType: 'image/png' }, 400, 'bad_request'],
    ['no whole size', {}, { size: 1.5 }, 400, 'bad_request'],
    ['a digest, which nobody could hold', {}, { size: 5, digest: 'sha-256=:x:' }, 400, 'bad_request'],
    ['an unknown flag', {}, { size: 5, multipart: 'yes' }, 400, 'bad_request'],
  ] as const)('%s', async (_name, options, announcement, status, code) => {
    const app = await start({ maxUploadSize: 100 })
    const { url } = await app.files.signedUploadUrl('a.png', options)
    expect(await app.announce(url, announcement)).toMatchObject({ status, code })
    expect(await app.storage.names()).toEqual([])
  })

  test.each([
    '',
    '[]',
    '{',
    '7',
    '{"size":5,"size":6}',
    '{"__proto__":{"size":5}}',
    `{"size":5${' '.repeat(5000)}}`,
  ])('a body that is no announcement: %s', async (body) => {
    const app = await start()
    const { url } = await app.files.signedUploadUrl('a.png')
    expect(await app.send('POST', url, body)).toMatchObject({ status: 400, code: 'bad_request' })
    expect(await app.storage.names()).toEqual([])
  })

  test('a token that was narrowed meanwhile holds at the completion', async () => {
    const app = await start()
    const { url } = await app.files.signedUploadUrl('a.png')
    const { announced } = await app.announce(url, PNG)
    expect(await app.put(announced, 'hello')).toBe(200)
    const smaller = await app.files.signedUploadUrl('a.png', { maxSize: 4 })
    const address = `${smaller.url}&uploadId=${announced.uploadId}`
    expect((await app.send('POST', address)).code).toBe('too_large')
    expect([await app.read('a.png'), await app.staged()]).toEqual([null, []])
  })
})

describe('nothing is published but by a token that is still good', () => {
  test('expired: nothing is published; who gets another URL goes on', async () => {
    let elapsed = 0
    const app = await start({ now: () => Date.now() + elapsed })
    const announced = await sent(app, 'a.png', { expiresIn: '5m' })
    expect(Date.parse(announced.expires_at) - Date.now()).toBeLessThanOrEqual(300_000)
    elapsed = 301_000
    expect((await app.send('POST', announced.complete)).code).toBe('expired')
    expect((await app.announce(announced.complete.replace(/&.*/, ''), PNG)).code).toBe('expired')
    expect(await app.read('a.png')).toBeNull()
    const fresh = await app.files.signedUploadUrl('a.png')
    expect((await app.send('POST', `${fresh.url}&uploadId=${announced.uploadId}`)).status).toBe(201)
    elapsed = 25 * 3_600_000
    const late = await app.files.signedUploadUrl('a.png')
    expect((await app.send('POST', `${late.url}&uploadId=${announced.uploadId}`)).code).toBe(
      'upload_not_found',
    )
  })

  test('the URL of the store ends with the token, and after an hour at the latest', async () => {
    const app = await start()
    const lifeOf = async (expiresIn: string) => {
      const { url } = await app.files.signedUploadUrl('a.png', { expiresIn })
      return Number(new URL((await app.announce(url, PNG)).announced.url).searchParams.get('X-Amz-Expires'))
    }
    expect(await lifeOf('7d')).toBe(3600)
    expect(await lifeOf('1m')).toBeLessThanOrEqual(60)
    expect(await lifeOf('1m')).toBeGreaterThan(55)
    const { url } = await app.files.signedUploadUrl('b.png', { expiresIn: '1s' })
    const { announced } = await app.announce(url, PNG)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(await app.put(announced, 'hello')).toBe(403)
  })

  test.each(['its own', 'another'])(
    'revoked between the bytes and the completion, with %s token',
    async (which) => {
      const app = await start()
      const { url } = await app.files.signedUploadUrl('a.png', { revocable: true })
      const { announced } = await app.announce(url, PNG)
      expect(await app.put(announced, 'hello')).toBe(200)
      await app.files.revoke({ url })
      // What the revoked one began is over, whoever asks.
      const other = await app.files.signedUploadUrl('a.png')
      const address = which === 'another' ? `${other.url}&uploadId=${announced.uploadId}` : announced.complete
      expect(await app.send('POST', address)).toMatchObject({ status: 403, code: 'revoked' })
      expect([await app.read('a.png'), await app.staged()]).toEqual([null, []])
      expect((await app.send('POST', `${address}&partNumber=1`)).code).toBe('revoked')
      expect((await app.announce(url, PNG)).code).toBe('revoked')
    },
  )

  test('the id of an upload opens nothing: not without a token, nor for another key, nor with one that reads', async () => {
    const app = await start()
    const { uploadId } = await sent(app)
    const reading = await app.files.signedUrl('a.png')
    const other = await app.files.signedUploadUrl('b.png')
    for (const [url, code] of [
      [`/files/a.png?uploadId=${uploadId}`, 'token_required'],
      [`${reading.url}&uploadId=${uploadId}`, 'invalid_signature'],
      [`${other.url}&uploadId=${uploadId}`, 'upload_not_found'],
      [`${other.url}&uploadId=nonsense`, 'upload_not_found'],
    ] as const) {
      for (const method of ['POST', 'DELETE']) expect((await app.send(method, url)).code).toBe(code)
      expect((await app.send('POST', `${url}&partNumber=1`)).code).toBe(code)
    }
    expect((await app.storage.names()).some((name) => name.includes('/d/'))).toBe(true)
    expect([await app.read('a.png'), await app.read('b.png')]).toEqual([null, null])
  })
})

describe('the object is what was looked at', () => {
  test.each([
    ['small', 'hello', 5],
    ['larger than one part', 'x'.repeat(9 * 1024 * 1024), 9 * 1024 * 1024],
  ])('bytes that come between the look and the copy are not published: %s', async (_name, body, size) => {
    let swap: () => Promise<unknown> = async () => {}
    const app = await start({
      sniff: async () => {
        await swap()
        return { mime: 'image/png' }
      },
    })
    for (const options of [{}, { allowOverwrite: true }]) {
      const { url } = await app.files.signedUploadUrl('a.png', options)
      const { announced } = await app.announce(url, { ...PNG, size })
      expect(await app.put(announced, body)).toBe(200)
      swap = () => app.put(announced, 'Y'.repeat(size))
      expect((await app.send('POST', announced.complete)).code).toBe('precondition_failed')
      expect([await app.read('a.png'), await app.staged()]).toEqual([null, []])
    }
  })

  test('nor such as have the same MD5, by which the store knows a version', async () => {
    const [shown, other] = SAME_MD5.map((hex) => Buffer.from(hex, 'hex'))
    const digests = [shown, other].map((body) => body && createHash('md5').update(body).digest('hex'))
    expect(digests[0]).toBe(digests[1])
    let swaps = 0
    let announced: Announced | undefined
    const app = await start({
      sniff: async () => {
        const { url = '', headers = {} } = announced ?? {}
        const { status } = await fetch(url, { method: 'PUT', headers, body: other ?? null })
        expect(status).toBe(200)
        swaps++
        return { mime: 'image/png' }
      },
    })
    for (const options of [{}, { allowOverwrite: true }]) {
      const { url } = await app.files.signedUploadUrl('a.png', options)
      announced = (await app.announce(url, { ...PNG, size: shown?.length })).announced
      const sent = await fetch(announced.url, {
        method: 'PUT',
        headers: announced.headers,
        body: shown ?? null,
      })
      expect(sent.status).toBe(200)
      expect((await app.send('POST', announced.complete)).code).toBe('precondition_failed')
      expect([await app.read('a.png'), await app.staged()]).toEqual([null, []])
    }
    expect(swaps).toBe(2)
  })

  test.each([4100, 5000, 9 * 1024 * 1024])(
    'what has stayed as it was is published: %i bytes',
    async (size) => {
      const app = await start({ sniff: async () => ({ mime: 'image/png' }) })
      const { url } = await app.files.signedUploadUrl('a.png')
      const { announced } = await app.announce(url, { ...PNG, size })
      expect(await app.put(announced, 'x'.repeat(size))).toBe(200)
      expect((await app.send('POST', announced.complete)).status).toBe(201)
      expect((await app.read('a.png')) === 'x'.repeat(size)).toBe(true)
    },
  )

  test.each([
    ['small', 'hello', 5],
    ['larger than one part', 'x'.repeat(9 * 1024 * 1024), 9 * 1024 * 1024],
  ])('nor where nobody reads them: %s', async (_name, body, size) => {
    const app = await start()
    const { url } = await app.files.signedUploadUrl('a.png', { allowOverwrite: true })
    const { announced } = await app.announce(url, { ...PNG, size })
    expect(await app.put(announced, body)).toBe(200)
    let swapped = 0
    const { client } = app.storage
    const original = client.send.bind(client)
    client.send = (async (command: unknown, ...rest: []) => {
      const answer = await original(command as never, ...rest)
      const looked = command instanceof HeadObjectCommand && command.input.Key?.includes('/d/')
      if (looked && swapped++ === 0) expect(await app.put(announced, 'Y'.repeat(size))).toBe(200)
      return answer
    }) as typeof client.send
    onTestFinished(() => {
      client.send = original
    })
    expect((await app.send('POST', announced.complete)).code).toBe('precondition_failed')
    expect([swapped, await app.read('a.png'), await app.staged()]).toEqual([1, null, []])
  })

  test('sniffed before it is there', async () => {
    const seen: number[] = []
    const sniff = (head: Uint8Array) => {
      seen.push(head.byteLength)
      return { mime: Buffer.from(head).toString().startsWith('<') ? 'text/html' : 'image/png' }
    }
    const app = await start({ sniff })
    const allowedTypes = ['image/png']
    const { url } = await app.files.signedUploadUrl('a.png', { allowedTypes })
    const page = await app.announce(url, { ...PNG, size: 10_000 })
    await app.put(page.announced, '<'.repeat(10_000))
    expect((await app.send('POST', page.announced.complete)).code).toBe('type_not_allowed')
    expect([await app.read('a.png'), await app.staged()]).toEqual([null, []])
    const image = await sent(app, 'a.png', { allowedTypes })
    expect((await app.send('POST', image.complete)).status).toBe(201)
    expect(seen).toEqual([4100, 5])
  })

  test('what the app does not accept is taken back, and a repetition finds no success', async () => {
    const app = await start({
      onUploadCompleted: () => {
        throw new Error('no')
      },
    })
    const announced = await sent(app)
    expect((await app.send('POST', announced.complete)).code).toBe('completion_failed')
    expect([await app.read('a.png'), await app.staged()]).toEqual([null, []])
    expect((await app.send('POST', announced.complete)).code).toBe('upload_not_found')
  })

  test('what a replaced object was comes back when the app does not accept the upload', async () => {
    let accepts = true
    const app = await start({
      onUploadCompleted: () => {
        if (!accepts) throw new Error('no')
      },
    })
    await app.send('POST', (await sent(app, 'a.png', {}, 'first')).complete)
    accepts = false
    const second = await sent(app, 'a.png', { allowOverwrite: true }, 'later')
    expect((await app.send('POST', second.complete)).code).toBe('completion_failed')
    expect([await app.read('a.png'), await app.staged()]).toEqual(['first', []])
  })
})

describe('conditions hold when the object is published', () => {
  test('of two that race to create, one does', async () => {
    const app = await start()
    const both = [await sent(app, 'a.png', {}, 'one..'), await sent(app, 'a.png', {}, 'two..')]
    const answers = await Promise.all(both.map(({ complete }) => app.send('POST', complete)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    const winner = answers.findIndex(({ status }) => status === 201)
    expect(await app.read('a.png')).toBe(['one..', 'two..'][winner])
    expect(await app.staged()).toEqual([])
    expect((await app.announce((await app.files.signedUploadUrl('a.png')).url, PNG)).code).toBe('exists')
  })

  test('ifMatch', async () => {
    const app = await start()
    const first = await app.send('POST', (await sent(app)).complete)
    const ifMatch = String(first.json.etag)
    const second = await sent(app, 'a.png', { ifMatch }, 'newer')
    const third = await sent(app, 'a.png', { ifMatch }, 'never')
    expect((await app.send('POST', second.complete)).status).toBe(200)
    expect((await app.send('POST', third.complete)).code).toBe('precondition_failed')
    expect([await app.read('a.png'), await app.staged()]).toEqual(['newer', []])
  })

  test('completed twice at the same moment, it is one upload', async () => {
    const told: CompletedUpload[] = []
    const app = await start({ onUploadCompleted: (upload) => void told.push(upload) })
    const { complete } = await sent(app, 'a.png', { allowOverwrite: true })
    const answers = await Promise.all([1, 2, 3].map(() => app.send('POST', complete)))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(told).toHaveLength(1)
    // Bytes that come later change nothing, whatever the token allows.
    expect((await app.send('POST', complete)).status).toBe(201)
  })

  test('bytes that come after the completion are not published by repeating it', async () => {
    const app = await start()
    const announced = await sent(app, 'a.png', { allowOverwrite: true })
    await app.send('POST', announced.complete)
    expect(await app.put(announced, 'later')).toBe(200)
    expect((await app.send('POST', announced.complete)).status).toBe(201)
    expect(await app.read('a.png')).toBe('hello')
  })
})

describe('ways to go about it', () => {
  test('aborted', async () => {
    const app = await start()
    const announced = await sent(app)
    expect((await app.send('DELETE', announced.complete)).status).toBe(204)
    expect(await app.storage.names()).toEqual([])
    expect((await app.send('POST', announced.complete)).code).toBe('upload_not_found')
    expect((await app.send('POST', `${announced.complete}&partNumber=1`)).code).toBe('upload_not_found')
  })

  test('another URL for the same bytes, and a look at what has come', async () => {
    const app = await start()
    const { url } = await app.files.signedUploadUrl('a.png')
    const { announced } = await app.announce(`${url}&uploads`, PNG)
    expect((await app.send('GET', announced.complete)).json.parts).toEqual([])
    const again = await app.send('POST', `${announced.complete}&partNumber=1`)
    expect(Object.keys(again.json)).toEqual(['method', 'url', 'headers', 'size', 'expires_at'])
    expect(await app.put(again.json as unknown as Announced, 'hello')).toBe(200)
    expect((await app.send('GET', announced.complete)).json.parts).toMatchObject([{ partNumber: 1, size: 5 }])
    expect((await app.send('POST', `${announced.complete}&partNumber=2`)).code).toBe('invalid_part')
    expect((await app.send('POST', announced.complete)).status).toBe(201)
  })

  test('a random suffix', async () => {
    const app = await start()
    const announced = await sent(app, 'a.png', { addRandomSuffix: true })
    expect(announced.key).toMatch(/^a-[\w-]{22}\.png$/)
    expect((await app.send('POST', announced.complete)).json.key).toBe(announced.key)
    expect(await app.read(announced.key)).toBe('hello')
  })

  test('a random suffix, where the store checks no conditions', async () => {
    const app = await start({}, { conditionalWrites: false })
    const announced = await sent(app, 'a.png', { addRandomSuffix: true })
    expect((await app.send('POST', announced.complete)).status).toBe(201)
    const replacing = await sent(app, 'a.png', { allowOverwrite: true })
    expect((await app.send('POST', replacing.complete)).status).toBe(201)
  })

  test('a delegation, narrowed by its holder', async () => {
    const app = await start()
    const token = await app.files.issueSignedToken({ prefix: 'team/', operations: ['put'], maxSize: '1kb' })
    const sent = JSON.parse(JSON.stringify(token))
    const { url } = await presignUrl(sent, { operation: 'put', key: 'team/a.png', maxSize: 5 })
    expect((await app.announce(url, { size: 6 })).code).toBe('too_large')
    const { announced } = await app.announce(url, PNG)
    expect(await app.put(announced, 'hello')).toBe(200)
    expect((await app.send('POST', announced.complete)).status).toBe(201)
    const small = await presignUrl(sent, { operation: 'put', key: 'team/b.png', allowedTypes: ['video/*'] })
    expect((await app.announce(small.url, PNG)).code).toBe('type_not_allowed')
  })

  test('minted over HTTP', async () => {
    const app = await start({ authorize: () => ({ maxSize: 5, allowedTypes: ['image/*'] }) })
    const mint = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      return (await fetch(`${app.origin}/files/${path}`, init)).json() as Promise<Record<string, string>>
    }
    expect((await mint('signed-uploads', { key: 'a.png', size: 6 })).code).toBe('too_large')
    const minted = await mint('signed-uploads', { key: 'a.png', ...PNG })
    expect(Object.keys(minted)).toEqual(['key', 'url', 'method', 'expires_at'])
    expect(minted.method).toBe('POST')
    const { announced } = await app.announce(String(minted.url), PNG)
    expect(await app.put(announced, 'hello')).toBe(200)
    expect((await app.send('POST', announced.complete)).status).toBe(201)
    const inShapeOfS3 = await mint('signed-requests', { method: 'PUT', key: 'b.png' })
    expect([inShapeOfS3.code, inShapeOfS3.detail]).toEqual([
      'bad_request',
      expect.stringContaining('/signed-uploads'),
    ])
  })

  test('a client whose SDK adds checksums signs none of a body that it does not have', async () => {
    const { s3Client } = await import('../engines/s3-client.js')
    const client = s3Client(radosgw().url, { requestChecksumCalculation: 'WHEN_SUPPORTED' })
    const app = await start({}, { client })
    const { url } = await app.files.signedUploadUrl('a.png')
    const { announced } = await app.announce(url, PNG)
    expect(announced.url).not.toMatch(/checksum/i)
    expect(await app.put(announced, 'hello')).toBe(200)
  })

  test('what a repetition finds after the process died between publishing and noting it', async () => {
    const app = await start()
    const announced = await sent(app)
    const { client } = app.storage
    const original = client.send.bind(client)
    let broken = false
    client.send = ((command: unknown, ...rest: []) => {
      const input = command instanceof PutObjectCommand ? command.input.Key : undefined
      if (!broken && input?.endsWith('/s/1')) {
        broken = true
        return Promise.reject(new Error('gone'))
      }
      return original(command as never, ...rest)
    }) as typeof client.send
    onTestFinished(() => {
      client.send = original
    })
    expect((await app.send('POST', announced.complete)).status).toBe(503)
    expect((await app.send('POST', announced.complete)).status).toBe(201)
    expect([await app.read('a.png'), await app.staged()]).toEqual(['hello', []])
  })
})

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
