import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { latchkey } from '@latchkey/express'
import express from 'express'
import { createApi } from './api.js'
import { createAuthorize } from './authorize.js'
import { loopbackNamesOnly } from './loopback-names-only.js'
import { pageHeaders } from './page-headers.js'
import { answerProblem } from './problem.js'

const require = createRequire(import.meta.url)
const PUBLIC_FOLDER = fileURLToPath(new URL('../public', import.meta.url))
// Plain modules, which a browser takes as they are.
const CLIENT_FOLDER = dirname(require.resolve('@latchkey/client'))

/**
 * @param {object} parts
 * @param {import('@latchkey/core').Latchkey} parts.files
 * @param {string} parts.root the folder that `files` stores in
 * @param {import('./settings.js').Settings} parts.settings
 * @returns {import('express').Express}
 */
export function createApp({ files, root, settings }) {
  const { storage } = files
  const app = express()
  app.disable('x-powered-by')
  if (settings.host === undefined) app.use(loopbackNamesOnly)
  app.use('/files', latchkey(files, { authorize: createAuthorize({ storage, settings }) }))
  app.use('/api', createApi({ storage, root }))
  app.use(pageHeaders, express.static(PUBLIC_FOLDER))
  app.use('/client', express.static(CLIENT_FOLDER))
  app.use(answerProblem)
  return app
}
