import { listFiles } from './api.js'
import { createFileRow } from './file-row.js'
import { formatSize } from './format.js'
import { byId } from './part.js'
import { wordsFor } from './problem.js'

/**
 * @typedef {import('./api.js').FileEntry} FileEntry
 * @typedef {{ entry: FileEntry, row: ReturnType<typeof createFileRow> }} Shown
 */

/** Where the focus goes when what had it is gone. */
export function focusList() {
  byId('files-title', HTMLHeadingElement).focus({ preventScroll: true })
}

/** The list of files: uploads under way first, then what is stored, the newest first. */
export function createFileList() {
  const list = byId('files', HTMLUListElement)
  const total = byId('files-total', HTMLParagraphElement)
  /** @type {Map<string, Shown>} */
  const shown = new Map()

  return {
    refresh,
    /** @param {HTMLElement} upload */
    addUpload(upload) {
      list.prepend(upload)
    },
    /**
     * Shows a file that was just stored, where its upload stood.
     *
     * @param {FileEntry} entry
     * @param {HTMLElement} upload
     */
    completeUpload(entry, upload) {
      shown.get(entry.name)?.row.remove()
      upload.replaceWith(show(entry).element)
      showTotal()
    },
  }

  async function refresh() {
    try {
      render(await listFiles())
      document.body.dataset.state = 'ready'
    } catch (error) {
      byId('list-error', HTMLParagraphElement).textContent = wordsFor(error)
      document.body.dataset.state = 'failed'
    }
  }

  /** @param {FileEntry[]} entries */
  function render(entries) {
    const names = new Set(entries.map(({ name }) => name))
    for (const name of [...shown.keys()]) {
      if (!names.has(name)) drop(name)
    }
    let before = lastUpload()
    for (const entry of entries) {
      const { element } = unchanged(entry) ?? show(entry)
      // An element that is moved loses its focus, so those in their place stay.
      const isInPlace =
        before === null ? list.firstElementChild === element : before.nextElementSibling === element
      if (!isInPlace) {
        if (before === null) list.prepend(element)
        else before.after(element)
      }
      before = element
    }
    showTotal()
  }

  /** @returns {Element | null} */
  function lastUpload() {
    return [...list.querySelectorAll(':scope > .upload')].at(-1) ?? null
  }

  /** @param {FileEntry} entry */
  function unchanged(entry) {
    const known = shown.get(entry.name)
    if (known === undefined) return undefined
    const { size, type } = known.entry
    if (size === entry.size && type === entry.type) return known.row
    known.row.remove()
    return undefined
  }

  /** @param {FileEntry} entry */
  function show(entry) {
    const row = createFileRow(entry, () => {
      drop(entry.name)
      showTotal()
      focusList()
    })
    shown.set(entry.name, { entry, row })
    return row
  }

  /** @param {string} name */
  function drop(name) {
    shown.get(name)?.row.remove()
    shown.delete(name)
  }

  function showTotal() {
    const count = shown.size
    const bytes = [...shown.values()].reduce((sum, { entry }) => sum + entry.size, 0)
    total.textContent = count === 0 ? '' : `${count} ${count === 1 ? 'file' : 'files'} · ${formatSize(bytes)}`
  }
}
