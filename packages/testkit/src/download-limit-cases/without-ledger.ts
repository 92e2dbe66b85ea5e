import assert from 'node:assert/strict'
import { LatchkeyError, type Ledger } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import { get, head, readUrl } from '../http-cases/exchange.js'
import { assertProblem, assertWhole } from '../http-cases/expect.js'
import { CaseLedger } from './case-ledger.js'

const TEXT = 'some text'

/** A Latchkey without a ledger, and with one that can do only what it must. */
export const withoutLedgerCases: readonly HttpCase[] = [
  {
    name: 'without a ledger no limit is minted',
    async run(context) {
      const isRefused = (error: unknown): boolean =>
        error instanceof LatchkeyError && error.code === 'invalid_option'
      await assert.rejects(context.files.signedUrl('a.txt', { maxDownloads: 1 }), isRefused)
      await assert.rejects(context.files.issueSignedToken({ key: 'a.txt', maxDownloads: 1 }), isRefused)
    },
  },
  {
    name: 'without a ledger a URL with a limit is 503, whether the object is there or not',
    options: { onError: () => {} },
    async run(context) {
      await context.put('a.txt', TEXT)
      const counting = context.another({ ledger: new CaseLedger() })
      for (const key of ['a.txt', 'absent.txt']) {
        const { url } = await counting.signedUrl(key, { maxDownloads: 5 })
        assertProblem(await get(context, url), 503, 'ledger_unavailable')
        assert.equal((await head(context, url)).status, 503)
      }
    },
  },
  {
    name: 'a ledger that only claims and releases counts just as well',
    async run(context) {
      const full = new CaseLedger()
      const ledger: Ledger = {
        claim: (id, limit, expiresAt) => full.claim(id, limit, expiresAt),
        release: (id) => full.release(id),
      }
      const served = await context.serve({ ledger })
      await served.put('a.txt', TEXT)
      const url = await readUrl(served, 'a.txt', { maxDownloads: 1 })
      for (let times = 0; times < 3; times++) assert.equal((await head(served, url)).status, 200)
      assertWhole(await get(served, url), TEXT)
      assert.equal((await head(served, url)).status, 403)
      assertProblem(await get(served, url), 403, 'exhausted')
    },
  },
]
