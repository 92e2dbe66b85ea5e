import { announce } from './announce.js'
import { deleteFile } from './api.js'
import { part } from './part.js'
import { Problem, wordsFor } from './problem.js'

/**
 * Deleting a file, asked about in its own row.
 *
 * @param {HTMLElement} row
 * @param {string} name of the file
 * @param {() => void} onDeleted
 */
export function createDeleteConfirm(row, name, onDeleted) {
  const start = part(row, 'delete', HTMLButtonElement)
  const confirm = part(row, 'confirm', HTMLElement)
  const question = part(row, 'question', HTMLParagraphElement)
  const keep = part(row, 'keep', HTMLButtonElement)
  const remove = part(row, 'remove', HTMLButtonElement)

  start.setAttribute('aria-label', `Delete ${name}`)
  confirm.setAttribute('aria-label', `Delete ${name}?`)
  start.addEventListener('click', ask)
  keep.addEventListener('click', leave)
  remove.addEventListener('click', () => void run())
  confirm.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave()
  })

  function ask() {
    question.textContent = `Delete ${name} for good?`
    setOpen(true)
    keep.focus()
  }

  function leave() {
    setOpen(false)
    start.focus()
  }

  /** @param {boolean} open */
  function setOpen(open) {
    confirm.hidden = !open
    row.classList.toggle('confirming', open)
  }

  async function run() {
    remove.disabled = true
    try {
      await deleteFile(name)
      announce(`${name} deleted`)
      onDeleted()
    } catch (error) {
      // Someone else was faster.
      if (error instanceof Problem && error.code === 'not_found') onDeleted()
      else question.textContent = wordsFor(error)
    } finally {
      remove.disabled = false
    }
  }
}
