import { expect, test } from 'vitest'
import { createLatchkey, type SigningKey } from '../../src/index.js'
import { presignUrl } from '../../src/token/index.js'
import { storageOf } from '../minting/mount.js'
import { mount, NOW } from '../revocation/mount.js'

const OLD = { id: 'k1', secret: 's'.repeat(32) }
const NEW = { id: 'k2', secret: 'n'.repeat(32) }

async function statusOf(
  files: ReturnType<typeof mount>['files'],
  url: string,
  method = 'GET',
): Promise<number> {
  const path = url.replace(/^.*\/files/, '')
  return (await files.handle({ method, path, header: () => undefined, body: null, bodyAlreadyRead: false }))
    .status
}

test('tells which keys there are, and which one signs', () => {
  const { files } = mount({ keys: [NEW, OLD] })
  expect([files.keys.activeId, files.keys.ids]).toEqual(['k2', ['k2', 'k1']])
  files.keys.reload([OLD])
  expect([files.keys.activeId, files.keys.ids]).toEqual(['k1', ['k1']])
})

test('everything that signs or verifies goes by the new keys at once', async () => {
  const { files } = mount()
  const old = await files.signedUrl('absent')
  expect(await statusOf(files, old.url)).toBe(404)
  files.keys.reload([NEW])
  expect(await statusOf(files, old.url)).toBe(403)
  const delegation = await files.issueSignedToken({ prefix: '', operations: ['get', 'put'] })
  const fresh = [
    (await files.signedUrl('absent')).url,
    `${(await files.signedTreeUrl('', { wholeMount: true })).url}absent`,
    (await presignUrl(delegation, { operation: 'get', key: 'absent', now: () => NOW })).url,
  ]
  for (const url of fresh) {
    expect(url).toMatch(/[=/]k2\./)
    expect(await statusOf(files, url)).toBe(404)
  }
  expect((await files.signedUploadUrl('b')).url).toContain('token=k2.')
  expect((await files.signedCookie('t/')).value).toMatch(/^k2\./)
  await expect(files.revoke({ url: old.url })).rejects.toMatchObject({ code: 'invalid_option' })
  const { url } = await files.signedUrl('a.txt', { revocable: true })
  await files.revoke({ url })
})

test.each<[string, unknown, RegExp]>([
  ['no key', [], /at least one key/],
  ['nothing', undefined, /must be an array/],
  ['one key that is no list', NEW, /must be an array/],
  ['a short secret', [NEW, { id: 'k3', secret: 'short' }], /at least 32 bytes/],
  ['a missing secret', [{ id: 'k3', secret: undefined }], /is missing/],
  ['a repeated id', [NEW, NEW], /there twice/],
  ['a malformed id', [{ ...NEW, id: 'a.b' }], /A-Z a-z/],
  [
    'another secret under an id that is there',
    [NEW, { ...OLD, secret: 'o'.repeat(32) }],
    /had another secret/,
  ],
])('%s is refused, and everything stays as it was', async (_name, keys, message) => {
  const { files } = mount()
  const { url } = await files.signedUrl('absent')
  expect(() => files.keys.reload(keys as readonly SigningKey[])).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(message) }),
  )
  expect(files.keys.ids).toEqual(['k1'])
  expect(await statusOf(files, url)).toBe(404)
  expect((await files.signedUrl('absent')).url).toContain('token=k1.')
})

test('a secret may be spelled as bytes, and its id is free again when it is gone', () => {
  const { files } = mount()
  files.keys.reload([{ id: 'k1', secret: Buffer.from(OLD.secret) }])
  files.keys.reload([NEW])
  files.keys.reload([{ id: 'k1', secret: 'o'.repeat(32) }])
  expect(files.keys.ids).toEqual(['k1'])
})

test('the ids that were told are not changed by whoever has them', () => {
  const { files } = mount()
  expect(() => (files.keys.ids as string[]).push('x')).toThrow()
  expect(files.keys.ids).toEqual(['k1'])
})

test('a request under way goes on with the keys that it began with', async () => {
  const storage = storageOf()
  let begin = (): void => {}
  const reading = new Promise<void>((resolve) => (begin = resolve))
  let send = (): void => {}
  const sent = new Promise<void>((resolve) => (send = resolve))
  const seen: string[] = []
  const files = createLatchkey({
    baseUrl: '/files',
    keys: [OLD],
    now: () => NOW,
    storage: {
      ...storage,
      multipart: {
        create: async () => {
          begin()
          await sent
          return 'the-upload'
        },
      } as never,
    },
  })
  const { url } = await files.signedUploadUrl('a')
  const request = { method: 'POST', path: `${url.slice(6)}&uploads`, body: null, bodyAlreadyRead: false }
  const reply = files.handle({
    ...request,
    header: (name) => (name === 'accept' ? 'application/json' : undefined),
  })
  await reading
  files.keys.reload([NEW])
  send()
  const { status, body } = await reply
  seen.push(JSON.parse(String(body)).uploadId.slice(0, 3))
  expect([status, seen]).toEqual([200, ['k1.']])
})
