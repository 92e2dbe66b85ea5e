import { expect, test } from 'vitest'
import { answerOf, grantOf, mount, post } from './mount.js'
import { openLedger as ledger } from './open-ledger.js'

const PATH = '/a.txt/signed-url'

test.each([
  [undefined, undefined, []],
  [undefined, 3, [3]],
  [2, undefined, [2]],
  [2, 3, [2]],
  [3, 2, [2]],
])('downloads limited to %s and asked for as %s', async (maxDownloads, wish, expected) => {
  const { files, asked } = mount(() => (maxDownloads === undefined ? {} : { maxDownloads }), { ledger })
  const { json } = await answerOf(files, post(PATH, wish === undefined ? {} : { max_downloads: wish }))
  const grant = await grantOf(json.url, 'a.txt', 'get')
  expect(grant?.downloadLimits.map(({ limit }) => limit)).toEqual(expected)
  expect(asked).toEqual([{ operation: 'get', key: 'a.txt', ...(wish && { maxDownloads: wish }) }])
})

test('a count that nobody keeps is no URL: 400 if the client asks, a fault if the app does', async () => {
  const wished = mount(() => ({}))
  const { json } = await answerOf(wished.files, post(PATH, { max_downloads: 1 }))
  expect([json.status, json.code, wished.asked]).toEqual([400, 'bad_request', []])
  const limited = mount(() => ({ maxDownloads: 1 }))
  expect((await answerOf(limited.files, post(PATH))).status).toBe(500)
})

test.each([0, -1, 1.5, '1', null, true])('max_downloads %j is 400', async (count) => {
  const { files } = mount(() => ({}), { ledger })
  expect((await answerOf(files, post(PATH, { max_downloads: count }))).json.code).toBe('bad_request')
})
