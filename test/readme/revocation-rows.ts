import type { Latchkey, RevokeOptions } from '@latchkey/core'
import { presignUrl } from '@latchkey/core/token'
import { expect } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { codeOf, expectInvalid, KEYS, latchkeyWith, NOW, send } from './exchange.js'
import type { Rows } from './rows.js'

const revocable = true

const revoking = () => latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
const answer = async (files: Latchkey, url: string) => codeOf(await send(files, 'GET', url))

/** Revokes, and says which of the URLs are. */
async function revokedBy(files: Latchkey, what: RevokeOptions, ...urls: string[]): Promise<boolean[]> {
  for (const url of urls) expect(await answer(files, url)).toBe('not_found')
  await files.revoke(what)
  return Promise.all(urls.map(async (url) => (await answer(files, url)) === 'revoked'))
}

/** What `revoke` takes. */
export const revokeRows: Rows = {
  url: {
    default: 'required',
    async check() {
      const files = revoking()
      const { url } = await files.signedUrl('a', { revocable })
      const { url: other } = await files.signedUrl('a', { revocable })
      expect(await revokedBy(files, { url: `https://any.example${url}` }, url, other)).toEqual([true, false])
      await expectInvalid(
        () => files.revoke({} as never),
        () => files.revoke({ url: other, subject: 'ada' } as never),
        async () => files.revoke({ url: (await files.signedUrl('a')).url }),
        () => latchkeyWith().revoke({ url: other }),
      )
    },
  },
  id: {
    default: 'instead of url',
    async check() {
      const files = revoking()
      const { id = '', ...delegation } = await files.issueSignedToken({ prefix: '', revocable })
      const made = await presignUrl(delegation, { operation: 'get', key: 'a', revocable, now: () => NOW })
      const { url: other } = await presignUrl(delegation, { operation: 'get', key: 'b', now: () => NOW })
      expect(await revokedBy(files, { id: made.id ?? '' }, made.url, other)).toEqual([true, false])
      expect(await revokedBy(files, { id }, other)).toEqual([true])
      await expectInvalid(() => files.revoke({ id: 'ada' }))
    },
  },
  subject: {
    default: 'instead of url',
    async check() {
      const files = revoking()
      const { url } = await files.signedUrl('a', { subject: 'ada' })
      const { url: other } = await files.signedUrl('a', { subject: 'bob' })
      expect(await revokedBy(files, { subject: 'ada' }, url, other)).toEqual([true, false])
      await expectInvalid(...['', 'a'.repeat(257)].map((subject) => () => files.revoke({ subject })))
    },
  },
  keyPrefix: {
    default: 'instead of url',
    async check() {
      const files = revoking()
      const urls = await Promise.all(
        ['users/42/a', 'users/42', 'users/420/a', 'b'].map(
          async (key) => (await files.signedUrl(key, { revocable })).url,
        ),
      )
      expect(await revokedBy(files, { keyPrefix: 'users/42/' }, ...urls)).toEqual([true, false, false, false])
      expect(await revokedBy(files, { keyPrefix: 'users/42' }, ...urls.slice(1))).toEqual([
        true,
        false,
        false,
      ])
      expect(await revokedBy(files, { keyPrefix: '' }, ...urls.slice(2))).toEqual([true, true])
    },
  },
  signingKey: {
    default: 'instead of url',
    async check() {
      const files = revoking()
      const { url } = await files.signedUrl('a', { revocable })
      files.keys.reload([{ id: 'k2', secret: 'another secret for the tests, 32 b' }, ...KEYS])
      const { url: other } = await files.signedUrl('a', { revocable })
      expect(await revokedBy(files, { signingKey: 'k1' }, url, other)).toEqual([true, false])
    },
  },
}
