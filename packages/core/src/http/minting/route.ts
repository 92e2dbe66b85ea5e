import type { MintIntent } from '../../contracts/authorize.js'
import type { GateRequest } from '../../contracts/gate.js'
import { isToBeConfirmed } from '../confirmable.js'
import type { GateSettings } from '../gate-settings.js'
import { isAboutParts } from '../multipart/address.js'
import { takesParts } from './upload-sessions.js'

/** Which of the minting routes a path is. */
export type MintingRoute =
  | { readonly type: 'signed-url'; readonly keyPath: string }
  | { readonly type: 'signed-urls' | 'signed-uploads' | 'signed-requests' }

/** A minting route that exists, with the hook that decides there. */
export interface Minting {
  readonly route: MintingRoute
  readonly authorize: (intent: MintIntent) => unknown
}

/** The minting route of a request's path, whatever its method; without `authorize` there is none. */
export function findMinting(request: GateRequest, settings: GateSettings): Minting | undefined {
  const authorize = hookOf(request, settings)
  if (authorize === undefined) return undefined
  const queryStart = request.path.indexOf('?')
  const path = queryStart === -1 ? request.path : request.path.slice(0, queryStart)
  const route = routeOf(path)
  if (route === undefined) return undefined
  // An upload in parts may go to any key, and any may be downloaded, also one that ends like a minting route.
  const query = queryStart === -1 ? '' : request.path.slice(queryStart + 1)
  if (takesParts(settings) && isAboutParts(query)) return undefined
  if (isToBeConfirmed(request.path)) return undefined
  return { route, authorize }
}

function hookOf(request: GateRequest, settings: GateSettings): Minting['authorize'] | undefined {
  if (request.authorize !== undefined) return request.authorize
  const { authorize } = settings
  return authorize && ((intent) => authorize(request, intent))
}

const OF_A_KEY = '/signed-url'

/** Compared as they came: an escaped spelling of a route is a key like any other. */
function routeOf(path: string): MintingRoute | undefined {
  switch (path) {
    case '/signed-urls':
      return { type: 'signed-urls' }
    case '/signed-uploads':
      return { type: 'signed-uploads' }
    case '/signed-requests':
      return { type: 'signed-requests' }
    default:
      if (!path.endsWith(OF_A_KEY) || path === OF_A_KEY) return undefined
      return { type: 'signed-url', keyPath: path.slice(0, -OF_A_KEY.length) }
  }
}
