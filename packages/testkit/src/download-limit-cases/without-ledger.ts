import assert from 'node:assert/strict'
import { LatchkeyError } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import { get, head } from '../http-cases/exchange.js'
import { assertProblem } from '../http-cases/expect.js'
import { CaseLedger } from './case-ledger.js'

const TEXT = 'some text'

/** A Latchkey without a ledger. */
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
]
