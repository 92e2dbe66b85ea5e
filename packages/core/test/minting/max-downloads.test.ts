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

test.each([
  ['neither', {}, {}, undefined],
  ['the client', {}, { max_downloads: 2, resume_window: 60 }, 60],
  ['the app', { maxDownloads: 2, resumeWindow: '1h' }, {}, 3600],
  [
    'the app, and less by the client',
    { maxDownloads: 2, resumeWindow: 60 },
    { max_downloads: 1, resume_window: 30 },
    30,
  ],
  [
    'the app, and more by the client',
    { maxDownloads: 2, resumeWindow: 60 },
    { max_downloads: 2, resume_window: 90 },
    60,
  ],
  [
    'the client alone, for a limit of the app',
    { maxDownloads: 2 },
    { max_downloads: 2, resume_window: 90 },
    undefined,
  ],
])('a window set by %s', async (_whose, limits, wish, expected) => {
  const { files } = mount(() => limits, { ledger })
  const { json } = await answerOf(files, post(PATH, wish))
  const grant = await grantOf(json.url, 'a.txt', 'get')
  expect(grant?.downloadLimits[0]?.resumeWindow).toBe(expected)
})

test.each([0, 604_801, 1.5, '10m', null])('resume_window %j is 400', async (seconds) => {
  const { files } = mount(() => ({}), { ledger })
  const { json } = await answerOf(files, post(PATH, { max_downloads: 1, resume_window: seconds }))
  expect(json.code).toBe('bad_request')
})

test('resume_window without max_downloads is 400', async () => {
  const { files, asked } = mount(() => ({ maxDownloads: 1, resumeWindow: 60 }), { ledger })
  const { json } = await answerOf(files, post(PATH, { resume_window: 30 }))
  expect([json.code, asked]).toEqual(['bad_request', []])
})

test.each([
  [{}, {}, undefined],
  [{}, { confirm: false }, undefined],
  [{}, { confirm: true }, true],
  [{ confirm: true }, {}, true],
  [{ confirm: true }, { confirm: false }, true],
])('with limits %j a client that sends %j is asked first: %s', async (limits, wish, expected) => {
  const { files, asked } = mount(() => limits)
  const { json } = await answerOf(files, post(PATH, wish))
  expect((await grantOf(json.url, 'a.txt', 'get'))?.confirm).toBe(expected)
  expect(asked).toEqual([
    { operation: 'get', key: 'a.txt', ...(Object.values(wish).includes(true) && { confirm: true }) },
  ])
})

test.each([1, 'true', null])('confirm %j is 400', async (confirm) => {
  const { files } = mount(() => ({}))
  expect((await answerOf(files, post(PATH, { confirm }))).json.code).toBe('bad_request')
})
