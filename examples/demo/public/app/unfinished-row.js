import { announce } from './announce.js'
import { sizeOnServer } from './api.js'
import { fileKind, showKind } from './file-kind.js'
import { focusList } from './file-list.js'
import { formatSize } from './format.js'
import { fromTemplate, part } from './part.js'
import { Problem } from './problem.js'
import { discard, forget, isOf } from './unfinished.js'

/**
 * The row of an upload that was left before it was complete. It goes on when the person chooses the same file again.
 *
 * @param {import('./unfinished.js').Unfinished} upload
 * @param {(file: File) => void} onFile
 * @returns {HTMLElement}
 */
export function createUnfinishedRow(upload, onFile) {
  const { id, name, type, size } = upload
  const element = fromTemplate('unfinished-row', HTMLLIElement)
  const progress = part(element, 'progress', HTMLProgressElement)
  const meta = part(element, 'meta', HTMLParagraphElement)
  const input = part(element, 'input', HTMLInputElement)
  const choose = part(element, 'choose', HTMLButtonElement)
  const remove = part(element, 'discard', HTMLButtonElement)

  showKind(
    part(element, 'kind', HTMLElement),
    part(element, 'icon', SVGUseElement),
    fileKind(type, name).kind,
  )
  part(element, 'name', HTMLParagraphElement).textContent = name
  progress.setAttribute('aria-label', `Uploaded of ${name}`)
  choose.setAttribute('aria-label', `Choose ${name} again`)
  input.setAttribute('aria-label', `The same file again: ${name}`)
  remove.setAttribute('aria-label', `Discard ${name}`)
  choose.addEventListener('click', () => input.click())
  input.addEventListener('change', take)
  remove.addEventListener('click', () => {
    void discard(upload)
    element.remove()
    announce(`${name} discarded`)
    focusList()
  })
  void showStored()
  return element

  async function showStored() {
    try {
      const stored = await sizeOnServer(JSON.parse(upload.record))
      progress.value = stored / size
      part(element, 'percent', HTMLOutputElement).textContent = `${Math.floor((stored / size) * 100)} %`
      part(element, 'so-far', HTMLSpanElement).textContent =
        `${formatSize(stored)} of ${formatSize(size)} arrived.`
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'upload_not_found')) return
      // It took too long, and the server has removed it.
      forget(id)
      element.remove()
    }
  }

  function take() {
    const file = input.files?.[0]
    input.value = ''
    if (file === undefined) return
    if (isOf(upload, file)) {
      onFile(file)
      return
    }
    meta.textContent =
      file.name === name
        ? 'This file has changed since. Drop it above to upload it anew.'
        : `That was ${file.name}. Choose ${name} to go on.`
    meta.setAttribute('role', 'alert')
  }
}
