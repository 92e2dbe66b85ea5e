import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { get, put, remove, request, uploadUrl } from '../http-cases/exchange.js'
import { refused } from '../http-cases/expect.js'

const HERE = ['127.0.0.1']
const ELSEWHERE = ['203.0.113.7', '2001:db8::/32']
const KEY = 'folder/a.txt'
const NOT_ALLOWED = [403, 'address_not_allowed'] as const

/** Uploads in parts with tokens that are bound to addresses. */
export const addressCases: readonly HttpCase[] = [
  {
    name: 'an upload in parts is bound to the addresses of its URL from the beginning to the end, also at a suffixed key',
    needs: ['multipart', 'conditionalWrites'],
    async run(context) {
      const elsewhere = await uploadUrl(context, KEY, { allowedAddresses: ELSEWHERE })
      const here = await uploadUrl(context, KEY, { allowedAddresses: HERE })
      const headers = { accept: 'application/json' }
      const post = (url: string, query: string) =>
        request(context, `${url}&${query}`, { method: 'POST', headers })
      await refused(context, KEY, NOT_ALLOWED, () => post(elsewhere, 'uploads'))
      const { uploadId } = JSON.parse((await post(here, 'uploads')).body.toString())
      const part = `uploadId=${uploadId}&partNumber=1`
      await refused(context, KEY, NOT_ALLOWED, () => put(context, `${elsewhere}&${part}`, 'part'))
      await refused(context, KEY, NOT_ALLOWED, () => post(elsewhere, `uploadId=${uploadId}`))
      await refused(context, KEY, NOT_ALLOWED, () => remove(context, `${elsewhere}&uploadId=${uploadId}`))
      const list = await get(context, `${elsewhere}&uploadId=${uploadId}`, headers)
      assert.equal(list.status, 403)
      assert.equal((await put(context, `${here}&${part}`, 'part')).status, 200)
      assert.equal((await remove(context, `${here}&uploadId=${uploadId}`)).status, 204)

      // The answer's own URL for the suffixed key is as bound as the one that began it.
      const suffixed = await uploadUrl(context, KEY, {
        allowedAddresses: [...HERE, ...ELSEWHERE],
        addRandomSuffix: true,
      })
      const begun = JSON.parse((await post(suffixed, 'uploads')).body.toString())
      const bound = Buffer.from([...HERE, ...ELSEWHERE].sort().join(',')).toString('base64url')
      assert.ok(begun.url.includes(`~b${bound}~`) || begun.url.includes(`.b${bound}~`), begun.url)
      assert.equal((await remove(context, `${begun.url}&uploadId=${begun.uploadId}`)).status, 204)
    },
  },
]
