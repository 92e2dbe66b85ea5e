import { expect, test } from 'vitest'
import { answerOf, jsonOf, withProcesses } from './served.js'

const KEYS = [{ id: 'k1', secret: 'the secret of two processes, 32 bytes' }]
const revocable = true

test('what one process revokes, the other refuses with its next request', { timeout: 60_000 }, () =>
  withProcesses([KEYS, KEYS], async (one, other) => {
    const upload = await one.sign('signedUploadUrl', 'u/a.txt', { revocable, allowOverwrite: true })
    expect(await answerOf(other, upload.url, 'PUT', 'text')).toBe(201)
    const begin = await one.sign('signedUploadUrl', 'u/b.txt', { revocable })
    const { uploadId } = await jsonOf(other, `${begin.url}&uploads`, 'POST')
    for (let turn = 0; turn < 20; turn++) {
      const { url } = await one.sign('signedUrl', 'u/a.txt', { revocable })
      expect(await answerOf(other, url)).toBe(200)
      expect(await one.revoke({ url })).toBeUndefined()
      expect(await answerOf(other, url)).toBe('revoked')
    }
    const tree = await other.sign('signedTreeUrl', 'u/', { subject: 'eve' })
    expect(await answerOf(one, `${tree.url}a.txt`)).toBe(200)
    expect(await other.revoke({ subject: 'eve' })).toBeUndefined()
    expect(await answerOf(one, `${tree.url}a.txt`)).toBe('revoked')
    expect(await one.revoke({ keyPrefix: 'u/' })).toBeUndefined()
    expect(await answerOf(other, upload.url, 'PUT', 'other')).toBe('revoked')
    expect(await answerOf(other, `${begin.url}&uploadId=${uploadId}&partNumber=1`, 'PUT', 'x')).toBe(
      'revoked',
    )
    const stateless = await one.sign('signedUrl', 'u/a.txt')
    expect(await answerOf(other, stateless.url)).toBe(200)
  }),
)

test('a revocation outlives the process that made it', { timeout: 60_000 }, () =>
  withProcesses([KEYS, KEYS], async (one, other) => {
    const { url, id = '' } = await one.sign('signedUrl', 'a.txt', { revocable })
    await one.revoke({ id })
    for (const process of [one, other]) await process.setAhead(3_500_000)
    expect(await answerOf(other, url)).toBe('revoked')
  }),
)
