import { expect, test } from 'vitest'
import { answerOf, mount, post, storageOf } from './mount.js'

const PATH = '/signed-uploads'

test.each<[string, unknown]>([
  ['a key that is none', { key: '/abs' }],
  ['a key of another type', { key: 5 }],
  ['no room for the suffix', { key: 'k'.repeat(1024), addRandomSuffix: true }],
  ['a size in other words', { maxSize: 'large' }],
  ['types as a text', { allowedTypes: 'image/png' }],
  ['contradictions', { ifMatch: '"v"', addRandomSuffix: true }],
  ['a payload that is too long', { payload: 'x'.repeat(2049) }],
])('limits with %s are a fault of the app', async (_name, limits) => {
  const { files, faults } = mount(() => limits)
  const { json } = await answerOf(files, post(PATH, { key: 'k' }))
  expect([json.status, json.code]).toEqual([500, 'internal_error'])
  expect(faults).toHaveLength(1)
})

test("no room for the suffix behind the client's key is its own matter", async () => {
  const { files, faults } = mount(() => ({ addRandomSuffix: true }))
  const { json } = await answerOf(files, post(PATH, { key: 'k'.repeat(1010) }))
  expect([json.status, json.code, faults]).toEqual([400, 'invalid_key', []])
})

test('what the storage cannot hold an upload to is not minted', async () => {
  const capabilities = { ranges: true, conditionalWrites: false, metadata: false }
  const storage = { ...storageOf(), capabilities }
  const strict = mount(() => ({}), { storage })
  expect((await answerOf(strict.files, post(PATH, { key: 'k' }))).status).toBe(500)
  // The suffix is in the token's key, which a second upload with the same token would have, too.
  const suffixed = mount(() => ({ addRandomSuffix: true }), { storage })
  expect((await answerOf(suffixed.files, post(PATH, { key: 'k' }))).status).toBe(500)
  const open = mount(() => ({ allowOverwrite: true }), { storage })
  expect((await answerOf(open.files, post(PATH, { key: 'k' }))).status).toBe(200)
})
