import express from 'express'
import { listFiles } from './list-files.js'
import { ApiError } from './problem.js'

/**
 * What the page asks the app itself: which files there are. All else it asks Latchkey, which asks `authorize`.
 *
 * @param {object} parts
 * @param {import('@latchkey/core').StorageDriver} parts.storage
 * @param {string} parts.root the folder that it stores in
 * @returns {import('express').Router}
 */
export function createApi({ storage, root }) {
  const api = express.Router()
  api.use((_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
    next()
  })
  api.get('/files', async (_request, response) => {
    response.json({ files: await listFiles(root, storage) })
  })
  api.use((_request, _response, next) => {
    next(new ApiError(404, 'not_found', 'There is no such address.'))
  })
  return api
}
