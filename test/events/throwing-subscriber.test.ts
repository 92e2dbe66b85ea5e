import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const CORE = new URL('../../packages/core/dist/index.js', import.meta.url).href
const MEMORY = new URL('../../packages/drivers/dist/memory/index.js', import.meta.url).href

/** In a process of its own: what a subscriber throws ends one that does not catch it. */
const PROGRAM = `
import { subscribe } from 'node:diagnostics_channel'
import { createLatchkey } from '${CORE}'
import { memoryDriver } from '${MEMORY}'
const caught = []
process.on('uncaughtException', (error) => caught.push(error.message))
for (const name of ['minted', 'served', 'received', 'removed', 'refused']) {
  subscribe('latchkey:' + name, () => { throw new Error(name) })
}
const files = createLatchkey({ baseUrl: '/files', keys: [{ id: 'k1', secret: 's'.repeat(32) }], storage: memoryDriver() })
const statuses = []
const send = async (method, { url }, body = null) => {
  const path = url.slice('/files'.length)
  const reply = await files.handle({ method, path, header: () => undefined, body, bodyAlreadyRead: false })
  statuses.push(reply.status)
  return Buffer.from(reply.body ?? '').toString()
}
await send('PUT', await files.signedUploadUrl('a'), (async function* () { yield Buffer.from('hello') })())
const text = await send('GET', await files.signedUrl('a'))
await send('DELETE', await files.signedUrl('a', { operations: ['delete'] }))
await send('GET', { url: '/files/a' })
setImmediate(() => console.log(JSON.stringify({ statuses, text, caught })))
`

test('a subscriber that throws breaks no reply', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  })
  expect(JSON.parse(stdout)).toEqual({
    statuses: [201, 200, 204, 403],
    text: 'hello',
    caught: ['minted', 'received', 'minted', 'served', 'minted', 'removed', 'refused'],
  })
})
