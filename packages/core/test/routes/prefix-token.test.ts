import { expect, test } from 'vitest'
import { createLatchkey, type StorageDriver } from '../../src/index.js'
import { createKeyRing, mint } from '../../src/token/index.js'

const refuse = async (): Promise<never> => {
  throw new Error('no route asks the storage')
}
const storage: StorageDriver = {
  capabilities: { ranges: true, conditionalWrites: true, metadata: true },
  stat: refuse,
  open: refuse,
  write: refuse,
  delete: refuse,
}
const keys = [{ id: 'k1', secret: 's'.repeat(32) }]

test('a token for a prefix, which every route would have, opens none', async () => {
  const files = createLatchkey({ baseUrl: '/files', keys, storage })
  const fields = { operations: ['get'], expires: Math.floor(Date.now() / 1000) + 60 } as const
  const token = await mint({
    keys: createKeyRing(keys),
    audience: '/files#routes',
    scope: { prefix: '' },
    fields,
  })
  const path = `/a?token=${token}`
  const verdict = await files.verifyRoute({
    method: 'GET',
    path,
    header: () => undefined,
    body: null,
    bodyAlreadyRead: false,
  })
  expect(verdict).toMatchObject({ refusal: { status: 403 } })
})
