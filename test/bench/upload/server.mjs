// A server that takes uploads: `node server.mjs KIND ROOT`. Says on one line of JSON where it listens.
import { once } from 'node:events'
import { receivers } from './receivers.mjs'

const [kind = '', root = ''] = process.argv.slice(2)
const receiver = receivers[kind]
if (receiver === undefined)
  throw new Error(`there is no ${kind}; there are ${Object.keys(receivers).join(', ')}`)
const server = await receiver.listen(root)
if (!server.listening) await once(server, 'listening')
const address = server.address()
console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined }))
