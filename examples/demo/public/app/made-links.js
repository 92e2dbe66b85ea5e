/**
 * @typedef {object} MadeLink
 * @property {string} url
 * @property {number} madeAt milliseconds since the epoch
 * @property {number} expiresAt milliseconds since the epoch
 * @property {number} seconds how long it was to last
 * @property {boolean} download
 */

const STORE = 'made-links'

/**
 * The links of a file that this tab made and that are still good. The server keeps none, so a reload would
 * otherwise forget them.
 *
 * @param {string} name
 * @returns {MadeLink[]} the newest first
 */
export function rememberedLinks(name) {
  return readAll()[name]?.filter(isAlive) ?? []
}

/**
 * @param {string} name
 * @param {MadeLink} link
 */
export function rememberLink(name, link) {
  writeAll({ ...readAll(), [name]: [link, ...rememberedLinks(name)] })
}

/** @param {string} name */
export function forgetLinks(name) {
  const { [name]: _gone, ...others } = readAll()
  writeAll(others)
}

/** @param {MadeLink} link */
function isAlive({ expiresAt }) {
  return expiresAt > Date.now()
}

/** @returns {Record<string, MadeLink[]>} */
function readAll() {
  return JSON.parse(sessionStorage.getItem(STORE) ?? '{}')
}

/** @param {Record<string, MadeLink[]>} links */
function writeAll(links) {
  sessionStorage.setItem(STORE, JSON.stringify(links))
}
