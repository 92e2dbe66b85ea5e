import { watchDropZone } from './drop-zone.js'
import { createFileList } from './file-list.js'
import { byId } from './part.js'
import { isOf, unfinishedUploads } from './unfinished.js'
import { createUnfinishedRow } from './unfinished-row.js'
import { createUploadRow } from './upload-row.js'

/** @typedef {import('./unfinished.js').Unfinished} Unfinished */

const list = createFileList()
const on = { stored: list.completeUpload, unsure: () => void list.refresh() }
/** @type {Map<Unfinished, HTMLElement>} */
const left = new Map()

watchDropZone((files) => {
  for (const file of files) upload(file)
})
byId('list-again', HTMLButtonElement).addEventListener('click', () => void list.refresh())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void list.refresh()
})
await showUnfinished()
void list.refresh()

async function showUnfinished() {
  for (const one of await unfinishedUploads()) {
    const row = createUnfinishedRow(one, upload)
    left.set(one, row)
    list.addUpload(row)
  }
}

/**
 * Uploads a file; one that was left before goes on, wherever it was chosen.
 *
 * @param {File} file
 */
function upload(file) {
  for (const [one, row] of left) {
    if (!isOf(one, file)) continue
    row.remove()
    left.delete(one)
  }
  list.addUpload(createUploadRow(file, on))
}
