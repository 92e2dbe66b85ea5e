import { ApiError } from './problem.js'

const NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Without a login, being reachable from this computer only is the one protection. A foreign page must not get
 * around it by having its own host name resolve to this computer (DNS rebinding).
 *
 * @param {import('express').Request} request
 * @param {import('express').Response} _response
 * @param {import('express').NextFunction} next
 */
export function loopbackNamesOnly(request, _response, next) {
  if (NAMES.has(request.hostname)) next()
  else next(new ApiError(421, 'wrong_host', 'This demo answers as localhost only. Set HOST to open it up.'))
}
