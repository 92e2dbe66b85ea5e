import { join } from 'node:path'
import type { GateRequest } from '../../contracts/gate.js'
import type { StoredFile } from '../../contracts/storage-driver.js'
import type { AccelOptions } from '../../latchkey-options.js'
import type { HandOver } from './hand-over.js'

/**
 * Has the web server in front send the file. It takes ranges by itself, and knows the file by validators of its own: so what
 * depends on ours beyond what was checked here is not for it.
 */
export function byWebServer(options: AccelOptions): HandOver {
  const [name, pathOf] = options.header === 'X-Sendfile' ? sendfile : accelRedirect(options.location ?? '/')
  return async ({ request, object, headers }) => {
    if (object.file === undefined || dependsOnValidators(request)) return undefined
    const { 'content-length': _, 'accept-ranges': __, ...rest } = headers
    return { status: 200, headers: { ...rest, 'content-length': '0', [name]: pathOf(object.file) }, body: '' }
  }
}

type Header = readonly [name: string, pathOf: (file: StoredFile) => string]

const sendfile: Header = ['x-sendfile', ({ root, name }) => encodePath(join(root, name))]

function accelRedirect(location: string): Header {
  return ['x-accel-redirect', ({ name }) => location + encodePath(name)]
}

/** Both headers are percent-decoded by who reads them; a `?` would begin a query. */
function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function dependsOnValidators(request: GateRequest): boolean {
  return ['if-match', 'if-unmodified-since', 'if-range'].some((name) => request.header(name) !== undefined)
}
