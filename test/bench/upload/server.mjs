// A server that takes uploads: `node server.mjs KIND ROOT COUNT`. Says on one line of JSON where it listens, what it
// speaks, and where each of COUNT uploads goes.
import { once } from 'node:events'
import { createLatchkey } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { receivers } from './receivers.mjs'

const [kind = '', root = '', count = '0'] = process.argv.slice(2)
const receiver = receivers[kind]
if (receiver === undefined)
  throw new Error(`there is no ${kind}; there are ${Object.keys(receivers).join(', ')}`)
const files = createLatchkey({
  baseUrl: '/files',
  keys: [{ id: 'k1', secret: 'a secret of the benchmark, of 32 bytes' }],
  storage: fsDriver({ root }),
  maxUploadSize: '5gb',
})
const server = await receiver.listen(root, files)
if (!server.listening) await once(server, 'listening')
const address = server.address()
const port = typeof address === 'object' ? address?.port : undefined
const places = Array.from({ length: Number(count) }, (_, at) => `upload-${at}.bin`)
const signed = await Promise.all(places.map((key) => files.signedUploadUrl(key)))
const targets = signed.map(({ url }) => (kind === 'latchkey' ? url : '/files'))
console.log(JSON.stringify({ port, protocol: receiver.protocol, targets }))
