// A server of one kind over a folder: `node server.mjs KIND ROOT [WAY]`. Says on one line of JSON where it listens,
// and what each object is reached by.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createLatchkey } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { hosts } from './hosts.mjs'
import { objectName, SIZES, turnNames } from './objects.mjs'

/** As many as make it unlikely that a token comes again while anything of it is remembered. */
const TOKENS_PER_OBJECT = 2000

const [kind = '', root = '', way] = process.argv.slice(2)
const host = hosts[kind]
if (host === undefined) throw new Error(`there is no ${kind}; there are ${Object.keys(hosts).join(', ')}`)
const files = createLatchkey({
  baseUrl: '/files',
  keys: [{ id: 'k1', secret: 'a secret of the benchmark, of 32 bytes' }],
  storage: fsDriver({ root, ...(way === 'disk' && { contentCacheSize: 0 }) }),
  ...(way === 'accel' && { delivery: 'accel', accel: { location: '/protected/' } }),
  // Here only: the same object, with a token and without.
  ...(way === 'public' && { visibility: () => 'public' }),
})
const server = await host(root, files)
if (!server.listening) await once(server, 'listening')
const address = server.address()
const port = typeof address === 'object' ? address?.port : undefined
console.log(JSON.stringify({ port, targets: await targets() }))

async function targets() {
  if (way === 'turns') return { '1 KiB': await signed((at) => turnNames[at % turnNames.length] ?? '') }
  /** @type {Record<string, string[]>} */
  const paths = {}
  for (const size of SIZES) {
    const name = objectName(size)
    if (!existsSync(join(root, name))) continue
    paths[size] = kind.startsWith('latchkey') ? await signed(() => name) : [`/files/${name}`]
  }
  return paths
}

/** @param {(at: number) => string} nameAt */
async function signed(nameAt) {
  const start = Date.now() + 3_600_000
  const urls = Array.from({ length: TOKENS_PER_OBJECT }, (_, at) =>
    files.signedUrl(nameAt(at), { validUntil: start + at * 1000 }),
  )
  return (await Promise.all(urls)).map(({ url }) => url)
}
