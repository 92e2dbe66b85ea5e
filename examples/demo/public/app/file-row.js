import { createDeleteConfirm } from './delete-confirm.js'
import { fileKind, showKind } from './file-kind.js'
import { formatDate, formatFullDate, formatSize } from './format.js'
import { createLinkPanel } from './link-panel.js'
import { fromTemplate, part } from './part.js'

/**
 * The row of a stored file.
 *
 * @param {import('./api.js').FileEntry} entry
 * @param {() => void} onDeleted
 */
export function createFileRow(entry, onDeleted) {
  const element = fromTemplate('file-row', HTMLLIElement)
  const share = part(element, 'share', HTMLButtonElement)
  const panel = part(element, 'panel', HTMLElement)
  const live = part(element, 'live', HTMLSpanElement)

  describe(element, entry)
  panel.id = `links-of-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`
  share.setAttribute('aria-controls', panel.id)
  share.setAttribute('aria-label', `Link to ${entry.name}`)
  share.addEventListener('click', () => {
    panel.hidden = !panel.hidden
    share.setAttribute('aria-expanded', String(!panel.hidden))
  })
  const links = createLinkPanel(element, entry.name, (alive) => {
    live.hidden = alive === 0
    element.classList.toggle('shared', alive > 0)
    live.textContent = alive === 1 ? '1 live link' : `${alive} live links`
  })
  createDeleteConfirm(element, entry.name, onDeleted)

  return {
    element,
    remove() {
      links.dispose()
      element.remove()
    },
  }
}

/**
 * @param {HTMLElement} element
 * @param {import('./api.js').FileEntry} entry
 */
function describe(element, { name, size, type, modifiedAt }) {
  const { kind, label } = fileKind(type, name)
  const date = new Date(modifiedAt)
  showKind(part(element, 'kind', HTMLElement), part(element, 'icon', SVGUseElement), kind)
  const title = part(element, 'name', HTMLParagraphElement)
  title.textContent = name
  title.title = name
  part(element, 'size', HTMLSpanElement).textContent = formatSize(size)
  const typeText = part(element, 'type', HTMLSpanElement)
  typeText.textContent = label
  typeText.title = type
  const time = part(element, 'date', HTMLTimeElement)
  time.textContent = formatDate(date)
  time.title = formatFullDate(date)
  time.dateTime = date.toISOString()
}
