import type { ValidityAndSubject } from '../../token/index.js'

/** Options of a signed URL for a route of the app. */
export interface RouteUrlOptions extends ValidityAndSubject {
  /** The request method that the URL is for, in upper case. Default `GET`, which is not `HEAD`. */
  readonly method?: string
  /** Passed on to the route, 1 to 2 048 bytes. Signed, not secret: whoever has the URL can read it. */
  readonly payload?: string
}

/** The options of a signed route; the compiler keeps the list whole. */
export const ROUTE_URL_OPTIONS: Readonly<Record<keyof RouteUrlOptions, true>> = {
  allowedAddresses: true,
  expiresIn: true,
  method: true,
  notBefore: true,
  payload: true,
  revocable: true,
  subject: true,
  validUntil: true,
}
