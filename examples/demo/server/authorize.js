import { freeName, safeName } from './object-name.js'

/**
 * @typedef {import('@latchkey/core').Decision} Decision
 * @typedef {import('@latchkey/core').UploadIntent} UploadIntent
 */

/**
 * Says who may do what. Latchkey asks here before it signs anything that the page wants signed; what is returned are
 * the most it signs, and the page can only ask for less.
 *
 * @param {object} parts
 * @param {import('@latchkey/core').StorageDriver} parts.storage
 * @param {import('./settings.js').Settings} parts.settings
 * @returns {import('@latchkey/core').Authorize<import('express').Request>}
 */
export function createAuthorize({ storage, settings }) {
  return (_request, intent) => {
    // Here a real app looks who is asking, by its session or whatever it has, and whose file `intent.key` is:
    //
    //   const user = await userOf(request)
    //   if (user === undefined) return 'unauthorized'
    //   if (!user.mayRead(intent.key)) return 'forbidden'
    //
    // This one has no login, so everyone may do what the page can do.
    switch (intent.operation) {
      case 'put':
        return allowUpload(intent)
      case 'get':
        return { expiresIn: '1d' }
      case 'delete':
        return { expiresIn: '1m', operations: ['delete'] }
      default:
        return 'forbidden'
    }
  }

  /**
   * The page sends a file's own name as the payload, and the app makes a name of it that is free.
   *
   * @param {UploadIntent} intent
   * @returns {Promise<Decision>}
   */
  async function allowUpload({ uploadId, payload }) {
    /** @type {import('@latchkey/core').UploadLimits} */
    const limits = {
      expiresIn: '5m',
      maxSize: settings.maxUploadSize,
      // A browser that has opened a link would otherwise show the file for a while after it was deleted.
      cacheControlMaxAge: 0,
    }
    // An upload in parts that goes on has its name.
    if (uploadId !== undefined) return limits
    return payload === undefined
      ? 'forbidden'
      : { ...limits, key: await freeName(safeName(payload), storage) }
  }
}
