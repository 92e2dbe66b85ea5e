import express from 'express'
import { listFiles } from './list-files.js'
import { freeName, safeName } from './object-name.js'
import { ApiError } from './problem.js'
import { readLinkRequest, readName, readUploadRequest } from './request-bodies.js'

/**
 * What the page asks the app for. This is the part that a real app guards with its login: everyone who gets
 * through to it can mint URLs.
 *
 * @param {object} parts
 * @param {import('@latchkey/core').Latchkey} parts.files
 * @param {string} parts.root
 * @param {import('./settings.js').Settings} parts.settings
 * @returns {import('express').Router}
 */
export function createApi({ files, root, settings }) {
  const api = express.Router()
  api.use((_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
    next()
  })
  api.use(express.json({ limit: '8kb' }))

  api.get('/files', async (_request, response) => {
    response.json({ files: await listFiles(root, files.storage) })
  })

  api.post('/uploads', async (request, response) => {
    const { name, type, size } = readUploadRequest(request.body, settings)
    const key = await freeName(safeName(name), files.storage)
    const { url } = await files.signedUploadUrl(key, {
      expiresIn: '5m',
      maxSize: size,
      // A browser that has opened a link would otherwise show the file for a while after it was deleted.
      cacheControlMaxAge: 0,
      ...(type === null ? {} : { allowedTypes: [type] }),
    })
    response.status(201).json({ name: key, url, type })
  })

  api.post('/links', async (request, response) => {
    const { name, life, download } = readLinkRequest(request.body)
    await requireFile(name)
    const { url, expiresAt } = await files.signedUrl(name, {
      expiresIn: life,
      ...(download ? { download } : {}),
    })
    response.status(201).json({ url, expiresAt: expiresAt.getTime(), now: Date.now() })
  })

  api.post('/deletions', async (request, response) => {
    const name = readName(request.body)
    await requireFile(name)
    const { url } = await files.signedUrl(name, { expiresIn: '1m', operations: ['delete'] })
    response.status(201).json({ url })
  })

  api.use((_request, _response, next) => {
    next(new ApiError(404, 'not_found', 'There is no such address.'))
  })
  return api

  /** @param {string} name */
  async function requireFile(name) {
    if ((await files.storage.stat(name)) !== null) return
    throw new ApiError(404, 'not_found', 'This file is no longer here.')
  }
}
