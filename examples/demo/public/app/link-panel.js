import { announce } from './announce.js'
import { requestLink } from './api.js'
import { createLinkItem } from './link-item.js'
import { forgetLinks, rememberedLinks, rememberLink } from './made-links.js'
import { part } from './part.js'
import { wordsFor } from './problem.js'
import { fillSegments } from './segments.js'

const LIVES = [
  { value: '10', text: '10 s' },
  { value: '60', text: '1 min' },
  { value: '600', text: '10 min' },
  { value: '3600', text: '1 h' },
  { value: '86400', text: '1 day' },
]
const MODES = [
  { value: 'open', text: 'Show it' },
  { value: 'download', text: 'Save it' },
]

/**
 * The part of a file's row that makes links and shows those that were made.
 *
 * @param {HTMLElement} row
 * @param {string} name of the file
 * @param {(alive: number) => void} onCount told how many links are still good
 */
export function createLinkPanel(row, name, onCount) {
  const list = part(row, 'links', HTMLUListElement)
  const make = part(row, 'make', HTMLButtonElement)
  const problem = part(row, 'problem', HTMLParagraphElement)
  const life = fillSegments(part(row, 'lives', HTMLElement), LIVES, '600')
  const mode = fillSegments(part(row, 'modes', HTMLElement), MODES, 'open')
  /** @type {Set<() => void>} */
  const alive = new Set()

  for (const link of rememberedLinks(name).reverse()) show(link)
  part(row, 'form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    void add()
  })
  return {
    /** Ends the countdowns, and forgets the links of a file that is gone. */
    dispose() {
      for (const stop of alive) stop()
      forgetLinks(name)
    },
  }

  async function add() {
    problem.hidden = true
    make.disabled = true
    try {
      const options = { seconds: Number(life()), download: mode() === 'download' }
      const { url, expiresAt } = await requestLink(name, options)
      const link = { url, expiresAt, madeAt: Date.now(), ...options }
      rememberLink(name, link)
      for (const expired of list.querySelectorAll('.expired')) expired.remove()
      show(link)
      announce(`Link to ${name} made`)
    } catch (error) {
      problem.textContent = wordsFor(error)
      problem.hidden = false
    } finally {
      make.disabled = false
    }
  }

  /** @param {import('./made-links.js').MadeLink} link */
  function show(link) {
    const item = createLinkItem(name, link, () => {
      alive.delete(item.stop)
      onCount(alive.size)
    })
    list.prepend(item.element)
    alive.add(item.stop)
    onCount(alive.size)
  }
}
