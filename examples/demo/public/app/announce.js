import { byId } from './part.js'

/**
 * Tells those who do not see the page what just happened.
 *
 * @param {string} text
 */
export function announce(text) {
  byId('announcer', HTMLParagraphElement).textContent = text
}
