import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createLatchkey } from '@latchkey/core'
import { deferContinue } from '@latchkey/core/node'
import { fsDriver } from '@latchkey/drivers/fs'
import { createApp } from './app.js'
import { listenOnFreePort } from './free-port.js'
import { loadSecret } from './secret.js'
import { readSettings } from './settings.js'
import { stopOnSignal } from './stop-on-signal.js'

try {
  await start()
} catch (error) {
  console.error(`The demo cannot start: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function start() {
  const settings = readSettings(process.env)
  const root = join(settings.dataFolder, 'files')
  await mkdir(root, { recursive: true, mode: 0o700 })
  const { secret, origin } = await loadSecret(settings)

  const files = createLatchkey({
    // A path, as the page and its links share an origin; it keeps links valid when the port changes.
    baseUrl: '/files',
    keys: [{ id: 'demo', secret }],
    storage: fsDriver({ root }),
    maxUploadSize: settings.maxUploadSize,
  })

  const server = deferContinue(createServer(createApp({ files, root, settings })))
  // Node would cut an upload off after five minutes, however well it flows.
  server.requestTimeout = 0
  const port = await listenOnFreePort(server, settings)
  stopOnSignal(server)

  if (port !== settings.port && settings.port !== 0) console.log(`Port ${settings.port} is taken.`)
  console.log(`
  Latchkey demo   http://${settings.host ?? '127.0.0.1'}:${port}
  Files           ${root}
  Secret          ${origin}
`)
}
