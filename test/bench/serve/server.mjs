// A server of one kind over a folder: `node server.mjs KIND ROOT [WAY]`. Says on one line of JSON where it listens.
import { once } from 'node:events'
import { hosts } from './hosts.mjs'

const [kind = '', root = '', way] = process.argv.slice(2)
const host = hosts[kind]
if (host === undefined) throw new Error(`there is no ${kind}; there are ${Object.keys(hosts).join(', ')}`)
const server = await host(root, way)
if (!server.listening) await once(server, 'listening')
const address = server.address()
console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined }))
