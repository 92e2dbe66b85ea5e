import { issueSignedToken } from './delegation.js'
import { decide } from './http/gate.js'
import { grantContext } from './http/grant-context.js'
import { signRoute } from './http/routes/sign-route.js'
import { verifyRoute } from './http/routes/verify-route.js'
import { signCookie } from './http/sign-cookie.js'
import { signTreeUrl } from './http/sign-tree-url.js'
import { requireCapable, signUrl } from './http/sign-url.js'
import type { Latchkey } from './latchkey.js'
import type { LatchkeyOptions } from './latchkey-options.js'
import { revoke } from './revoke.js'
import { setVisibility } from './set-visibility.js'
import { resolveSettings } from './settings.js'
import { nextRing } from './signing-keys.js'
import {
  assertKnownOptions,
  grantFieldsForUpload,
  grantFieldsForUrl,
  UPLOAD_OPTIONS,
  URL_OPTIONS,
} from './token/index.js'

/**
 * Creates the Latchkey of one mount. Give it to the adapter of your framework.
 *
 * @throws LatchkeyError `invalid_option` for an option out of its bounds, such as a secret under 32 bytes
 */
export function createLatchkey(options: LatchkeyOptions): Latchkey {
  // Taken anew by each call, which keeps them to its end: so new keys are there for all of a request, or for none of it.
  let settings = resolveSettings(options)
  let { prints } = nextRing(options.keys)
  const context = () => grantContext(settings)
  return {
    storage: settings.storage,
    async signedUrl(key, urlOptions = {}) {
      assertKnownOptions(urlOptions, URL_OPTIONS)
      return signUrl(key, grantFieldsForUrl(urlOptions, context()), settings)
    },
    async signedUploadUrl(key, uploadOptions = {}) {
      assertKnownOptions(uploadOptions, UPLOAD_OPTIONS)
      const fields = grantFieldsForUpload(uploadOptions, context())
      requireCapable(fields, settings)
      const method = settings.direct === undefined ? 'PUT' : 'POST'
      return { method, ...(await signUrl(key, fields, settings)) }
    },
    signedTreeUrl: async (prefix, treeOptions = {}) => signTreeUrl(prefix, treeOptions, settings, context()),
    signedCookie: async (prefix, cookieOptions = {}) =>
      signCookie(prefix, cookieOptions, settings, context()),
    issueSignedToken: (delegation) => issueSignedToken(delegation, settings, context()),
    setVisibility: async (key, visibility) => setVisibility(key, visibility, settings),
    signUrl: async (target, routeOptions = {}) => signRoute(target, routeOptions, settings, context()),
    verifyRoute: (request) => verifyRoute(request, settings),
    keys: {
      get activeId() {
        return settings.keys.activeId
      },
      get ids() {
        return settings.keys.ids
      },
      reload(keys) {
        const next = nextRing(keys, prints)
        prints = next.prints
        settings = { ...settings, keys: next.ring }
      },
    },
    revoke: (what) => revoke(what, settings),
    handle: (request) => decide(request, settings),
  }
}
