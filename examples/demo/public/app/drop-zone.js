import { byId, part } from './part.js'

const MESSAGE_MS = 8000

/**
 * Takes files from the button and from anywhere on the page that they are dropped on.
 *
 * @param {(files: File[]) => void} onFiles
 */
export function watchDropZone(onFiles) {
  const zone = byId('drop-zone', HTMLElement)
  const input = part(zone, 'input', HTMLInputElement)
  const hint = part(zone, 'hint', HTMLParagraphElement)
  const usualHint = hint.textContent
  let depth = 0

  part(zone, 'choose', HTMLButtonElement).addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    take([...(input.files ?? [])])
    // Or choosing the same file again would change nothing.
    input.value = ''
  })

  addEventListener('dragenter', (event) => {
    if (!holdsFiles(event)) return
    depth++
    show()
  })
  addEventListener('dragleave', (event) => {
    if (!holdsFiles(event)) return
    depth = Math.max(0, depth - 1)
    show()
  })
  addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return
    event.preventDefault()
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy'
  })
  addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return
    event.preventDefault()
    depth = 0
    show()
    const { files, folders } = droppedFiles(event)
    if (folders > 0) complain('Folders cannot be uploaded. Drop the files inside instead.')
    take(files)
  })

  /** @param {File[]} files */
  function take(files) {
    if (files.length > 0) onFiles(files)
  }

  function show() {
    zone.classList.toggle('targeted', depth > 0)
  }

  /** @param {string} message */
  function complain(message) {
    hint.textContent = message
    hint.setAttribute('role', 'alert')
    setTimeout(() => {
      hint.textContent = usualHint
      hint.removeAttribute('role')
    }, MESSAGE_MS)
  }
}

/** @param {DragEvent} event */
function holdsFiles(event) {
  return event.dataTransfer?.types.includes('Files') ?? false
}

/** @param {DragEvent} event */
function droppedFiles(event) {
  let folders = 0
  /** @type {File[]} */
  const files = []
  for (const item of event.dataTransfer?.items ?? []) {
    if (item.kind !== 'file') continue
    const file = item.getAsFile()
    if (item.webkitGetAsEntry()?.isDirectory) folders++
    else if (file !== null) files.push(file)
  }
  return { files, folders }
}
