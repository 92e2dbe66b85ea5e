import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { CONFIRMATION_PAGE_POLICY, confirmationPage } from '../../src/http/confirmation-page.js'
import { REFUSAL_PAGE_POLICY, refusalPage } from '../../src/http/refusal-page.js'
import { createLatchkey, type LatchkeyOptions, type StorageDriver } from '../../src/index.js'
import { narrow, presignUrl } from '../../src/token/index.js'

const nothing: StorageDriver = {
  capabilities: { ranges: true, conditionalWrites: true, metadata: true },
  stat: async () => null,
  open: async () => null,
  write: async () => {
    throw new Error('not stored')
  },
  delete: async () => false,
}
const options: LatchkeyOptions = {
  baseUrl: 'https://app.example.com/files',
  keys: [{ id: 'k1', secret: 's'.repeat(32) }],
  storage: nothing,
}

test.each([
  'https://app.example.com',
  'https://app.example.com/',
  'http://localhost:3000/a/b',
  'http://[::1]:3000/files/',
  '/files',
  '/',
])('baseUrl %s is taken', async (baseUrl) => {
  const { url } = await createLatchkey({ ...options, baseUrl }).signedUrl('a/b.txt')
  expect(url).toMatch(
    new RegExp(`^${baseUrl.replace(/\/$/, '').replaceAll(/[[\]]/g, '\\$&')}/a/b\\.txt\\?token=`),
  )
})

test.each([
  '',
  'files',
  '//evil.example/files',
  'ftp://app.example.com/files',
  'javascript:alert(1)',
  'https://user:pw@app.example.com/files',
  'https://app.example.com/files?x=1',
  'https://app.example.com/files#x',
  'https://app.example.com/a/../b',
  '/a b',
  'https://',
])('baseUrl %j is refused', (baseUrl) => {
  expect(() => createLatchkey({ ...options, baseUrl })).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining('baseUrl') }),
  )
})

test.each([['https://app.example.com/'], ['app.example.com'], ['*'], ['https://a.example/path'], ['null']])(
  'cors origin %j is refused',
  (origin) => {
    expect(() => createLatchkey({ ...options, cors: { origins: [origin] } })).toThrow(/cors\.origins/)
  },
)

test('a missing or short secret is refused with what to do, and never shown', () => {
  expect(() => createLatchkey({ ...options, keys: [{ id: 'k1', secret: undefined }] })).toThrow(
    /generate one/,
  )
  expect(() => createLatchkey({ ...options, keys: [{ id: 'k1', secret: 'hunter2' }] })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
  )
})

test('what the storage cannot do is refused where it is asked for', async () => {
  const storage = { ...nothing, capabilities: { ranges: true, conditionalWrites: false, metadata: false } }
  const files = createLatchkey({ ...options, storage })
  await expect(files.signedUploadUrl('a')).rejects.toMatchObject({ code: 'invalid_option' })
  await expect(
    files.signedUploadUrl('a', { allowOverwrite: true, visibility: 'public' }),
  ).rejects.toMatchObject({ code: 'invalid_option' })
  await expect(files.signedUploadUrl('a', { allowOverwrite: true })).resolves.toMatchObject({ method: 'PUT' })
})

test.each([
  [REFUSAL_PAGE_POLICY, refusalPage(403, 'Forbidden', 'text')],
  [CONFIRMATION_PAGE_POLICY, confirmationPage({ name: 'a', inline: false, limited: true })],
])('the policy of a page lets its own style through: %s', (policy, page) => {
  const style = /<style>(.*)<\/style>/.exec(page)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  expect(policy).toContain(`'sha256-${hash}'`)
})

test.each(['', 'a\nb', 'x'.repeat(1025)])(
  'audience %j is refused when the Latchkey is created',
  (audience) => {
    expect(() => createLatchkey({ ...options, audience })).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    )
  },
)

test.each([-1, 1.5, Number.NaN])('cors.maxAge %d is refused', (maxAge) => {
  expect(() => createLatchkey({ ...options, cors: { origins: '*', maxAge } })).toThrow(/cors\.maxAge/)
})

test('an unknown crossOriginResourcePolicy is refused', () => {
  const given = { ...options, crossOriginResourcePolicy: 'nonsense' }
  // @ts-expect-error what JavaScript may pass
  expect(() => createLatchkey(given)).toThrow(/crossOriginResourcePolicy/)
})

test('an option that does not exist is refused, wherever it is given', async () => {
  const files = createLatchkey(options)
  const misspelt = { expiresin: 5 }
  // @ts-expect-error what JavaScript may pass
  await expect(files.signedUrl('a', misspelt)).rejects.toThrow(/'expiresin'.*expiresIn/)
  // @ts-expect-error what JavaScript may pass
  await expect(files.signedUploadUrl('a', misspelt)).rejects.toThrow(/'expiresin'/)
  const wrong = { ...options, maxUploadsize: 5 }
  expect(() => createLatchkey(wrong)).toThrow(/'maxUploadsize'/)
})

test('misspelt options of delegations and of nested settings are refused as well', async () => {
  const files = createLatchkey(options)
  const delegation = { prefix: 'a/', maxDownload: 1 }
  await expect(files.issueSignedToken(delegation)).rejects.toThrow(/'maxDownload'/)
  const signed = await files.issueSignedToken({ prefix: 'a/' })
  const presign = { operation: 'get', key: 'a/b', maxDownload: 1 } as const
  await expect(presignUrl(signed, presign)).rejects.toThrow(/'maxDownload'/)
  const { url } = await files.signedUrl('a')
  const narrowing = { maxDownload: 1 }
  // @ts-expect-error what JavaScript may pass
  await expect(narrow(url, narrowing)).rejects.toThrow(/'maxDownload'/)
  const nested = [{ multipart: { tll: 60 } }, { cors: { origins: '*', maxage: 1 } }, { expiry: { max: 1 } }]
  for (const wrong of nested) {
    // @ts-expect-error what JavaScript may pass
    expect(() => createLatchkey({ ...options, ...wrong })).toThrow(/There is no option/)
  }
})

test('an audience leaves room for that of uploads in parts, and is not one itself', () => {
  expect(() => createLatchkey({ ...options, audience: 'x'.repeat(1020) })).toThrow(/audience/)
  expect(() => createLatchkey({ ...options, audience: 'x#uploads' })).toThrow(/audience/)
})

test('missing storage or keys are refused with words', () => {
  // @ts-expect-error what JavaScript may pass
  expect(() => createLatchkey({ ...options, storage: undefined })).toThrow(/storage must be a driver/)
  // @ts-expect-error what JavaScript may pass
  expect(() => createLatchkey({ ...options, keys: undefined })).toThrow(/at least one key/)
})
