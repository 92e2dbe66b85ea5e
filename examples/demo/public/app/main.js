import { watchDropZone } from './drop-zone.js'
import { createFileList } from './file-list.js'
import { byId } from './part.js'
import { createUploadRow } from './upload-row.js'

const list = createFileList()

watchDropZone((files) => {
  for (const file of files) list.addUpload(createUploadRow(file, list.completeUpload))
})
byId('list-again', HTMLButtonElement).addEventListener('click', () => void list.refresh())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void list.refresh()
})
void list.refresh()
