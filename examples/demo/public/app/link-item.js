import { announce } from './announce.js'
import { signedUrlOf } from './api.js'
import { copyText } from './copy-text.js'
import { formatTimeLeft } from './format.js'
import { fromTemplate, part } from './part.js'
import { onTick } from './ticker.js'

const COPIED_MS = 1600

/**
 * One link, with what can be done with it, until it expires; then it stays, crossed out.
 *
 * @param {string} name of the file
 * @param {import('./made-links.js').MadeLink} link
 * @param {() => void} onExpired
 */
export function createLinkItem(name, link, onExpired) {
  const element = fromTemplate('link', HTMLLIElement)
  const left = part(element, 'left', HTMLSpanElement)
  const life = part(element, 'life', HTMLProgressElement)
  const url = part(element, 'url', HTMLInputElement)
  const copy = part(element, 'copy', HTMLButtonElement)
  const open = part(element, 'open', HTMLAnchorElement)

  url.value = link.url
  open.href = link.url
  part(element, 'mode', HTMLSpanElement).textContent = link.download
    ? 'saved as a file'
    : 'shown in the browser'
  part(element, 'call', HTMLElement).textContent = requestThatMade(name, link)
  url.addEventListener('focus', () => url.select())
  copy.addEventListener('click', onCopy)

  const stop = onTick(tick)
  tick()
  return { element, stop }

  function tick() {
    // Also catches up where the computer slept.
    const remaining = link.expiresAt - Date.now()
    if (remaining <= 0) {
      expire()
      return
    }
    const text = `Expires in ${formatTimeLeft(remaining)}`
    if (left.textContent !== text) left.textContent = text
    life.value = remaining / (link.expiresAt - link.madeAt)
    element.classList.toggle('closing', remaining < 10_000)
  }

  function expire() {
    stop()
    element.classList.remove('closing')
    element.classList.add('expired')
    left.textContent = 'Expired'
    life.value = 0
    copy.hidden = true
    announce(`A link to ${name} has expired`)
    onExpired()
  }

  async function onCopy() {
    const label = part(copy, 'copy-text', HTMLSpanElement)
    await copyText(url)
    label.textContent = 'Copied'
    announce('Link copied')
    setTimeout(() => {
      label.textContent = 'Copy'
    }, COPIED_MS)
  }
}

/**
 * The request that made a link.
 *
 * @param {string} name
 * @param {import('./made-links.js').MadeLink} link
 */
function requestThatMade(name, { seconds, download }) {
  const wish = download ? `{ "expires_in": ${seconds}, "download": true }` : `{ "expires_in": ${seconds} }`
  return `POST ${signedUrlOf(name)} ${wish}`
}
