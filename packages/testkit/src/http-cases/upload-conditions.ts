import assert from 'node:assert/strict'
import type { LatchkeyErrorCode } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import type { ClientFields } from '../http-client.js'
import { put, uploadUrl } from './exchange.js'
import { assertAbsent, assertStored, refused } from './expect.js'
import { secondsFrom } from './http-dates.js'

const KEY = 'a.txt'
const OLD = 'the old object'

type Fields = (etag: string, modified: string) => ClientFields

const REPLACED: readonly (readonly [name: string, fields: Fields])[] = [
  ['If-Match with the ETag', (etag) => ({ 'if-match': etag })],
  ['If-Match with *', () => ({ 'if-match': '*' })],
  ['If-Match with a list', (etag) => ({ 'if-match': `"a", ${etag}` })],
  ['If-None-Match with another ETag', () => ({ 'if-none-match': '"another"' })],
  ['If-Unmodified-Since with the date', (_, modified) => ({ 'if-unmodified-since': modified })],
  ['If-Unmodified-Since that is no date', () => ({ 'if-unmodified-since': 'junk' })],
  ['If-Modified-Since with the date, which means nothing to a PUT', (_, at) => ({ 'if-modified-since': at })],
]

const KEPT: readonly (readonly [name: string, fields: Fields])[] = [
  ['If-Match with another ETag', () => ({ 'if-match': '"another"' })],
  ['If-Match with the ETag made weak', (etag) => ({ 'if-match': `W/${etag}` })],
  ['If-Match that is malformed', () => ({ 'if-match': 'junk' })],
  ['If-None-Match with *', () => ({ 'if-none-match': '*' })],
  ['If-None-Match with the ETag', (etag) => ({ 'if-none-match': etag })],
  ['If-None-Match with the ETag made weak', (etag) => ({ 'if-none-match': `W/${etag}` })],
  ['If-None-Match that is malformed', () => ({ 'if-none-match': 'junk' })],
  ['If-Unmodified-Since one second earlier', (_, at) => ({ 'if-unmodified-since': secondsFrom(at, -1) })],
]

/** Preconditions of PUT (RFC 9110, section 13). */
export const uploadConditionCases: readonly HttpCase[] = [
  ...REPLACED.map(
    ([name, fields]): HttpCase => ({
      name: `a PUT with ${name} replaces`,
      needs: ['strongEtags'],
      async run(context) {
        const { stat } = await context.put(KEY, OLD)
        const url = await uploadUrl(context, KEY, { allowOverwrite: true })
        const headers = fields(stat.etag, stat.lastModified.toUTCString())
        assert.equal((await put(context, url, 'new', headers)).status, 200)
        await assertStored(context, KEY, 'new')
      },
    }),
  ),
  ...KEPT.map(
    ([name, fields]): HttpCase => ({
      name: `a PUT with ${name} is 412 and replaces nothing`,
      async run(context) {
        const { stat } = await context.put(KEY, OLD)
        const url = await uploadUrl(context, KEY, { allowOverwrite: true })
        const headers = fields(stat.etag, stat.lastModified.toUTCString())
        await refused(context, KEY, [412, 'precondition_failed'], () => put(context, url, 'new', headers))
      },
    }),
  ),
  {
    name: 'a PUT to a free key with If-Match is 412, with If-None-Match: * 201',
    async run(context) {
      const url = await uploadUrl(context, KEY)
      for (const ifMatch of ['*', '"x"']) {
        const act = () => put(context, url, 'new', { 'if-match': ifMatch })
        await refused(context, KEY, [412, 'precondition_failed'], act)
        await assertAbsent(context, KEY)
      }
      assert.equal((await put(context, url, 'new', { 'if-none-match': '*' })).status, 201)
    },
  },
  {
    name: 'no condition makes a URL replace that may only create',
    needs: ['strongEtags'],
    async run(context) {
      const { stat } = await context.put(KEY, OLD)
      const url = await uploadUrl(context, KEY)
      const expected: readonly (readonly [ClientFields, number, LatchkeyErrorCode])[] = [
        [{ 'if-match': stat.etag }, 409, 'exists'],
        [{ 'if-match': '*' }, 409, 'exists'],
        [{ 'if-none-match': '"x"' }, 409, 'exists'],
        [{ 'if-none-match': '*' }, 412, 'precondition_failed'],
      ]
      for (const [headers, status, code] of expected) {
        await refused(context, KEY, [status, code], () => put(context, url, 'new', headers))
      }
    },
  },
]
