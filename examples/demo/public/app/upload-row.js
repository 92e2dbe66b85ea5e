import { announce } from './announce.js'
import { requestUpload } from './api.js'
import { fileKind, showKind } from './file-kind.js'
import { focusList } from './file-list.js'
import { formatSize, formatTimeLeft } from './format.js'
import { fromTemplate, part } from './part.js'
import { Problem, wordsFor } from './problem.js'
import { createSpeedMeter } from './speed-meter.js'
import { transfer } from './transfer.js'
import { enqueue } from './upload-queue.js'

const TRIES_FOR_A_NAME = 3

/**
 * The row of a file on its way up.
 *
 * @param {File} file
 * @param {(entry: import('./api.js').FileEntry, row: HTMLElement) => void} onStored
 * @returns {HTMLElement}
 */
export function createUploadRow(file, onStored) {
  const element = fromTemplate('upload-row', HTMLLIElement)
  const progress = part(element, 'progress', HTMLProgressElement)
  const percent = part(element, 'percent', HTMLOutputElement)
  const meta = part(element, 'meta', HTMLParagraphElement)
  const cancel = part(element, 'cancel', HTMLButtonElement)
  const again = part(element, 'again', HTMLButtonElement)
  const wanted = new AbortController()

  showKind(
    part(element, 'kind', HTMLElement),
    part(element, 'icon', SVGUseElement),
    fileKind(file.type, file.name).kind,
  )
  part(element, 'name', HTMLParagraphElement).textContent = file.name
  progress.setAttribute('aria-label', `Uploading ${file.name}`)
  cancel.setAttribute('aria-label', `Cancel ${file.name}`)
  cancel.addEventListener('click', () => {
    wanted.abort()
    element.remove()
    focusList()
  })
  again.addEventListener('click', start)
  start()
  return element

  function start() {
    element.classList.remove('failed')
    again.hidden = true
    showSent(0)
    meta.textContent = 'Waiting'
    enqueue({ name: file.name, run })
  }

  async function run() {
    if (wanted.signal.aborted) return
    try {
      onStored(await upload(TRIES_FOR_A_NAME), element)
      announce(`${file.name} uploaded`)
    } catch (error) {
      if (!wanted.signal.aborted) fail(wordsFor(error))
    }
  }

  /**
   * @param {number} tries
   * @returns {Promise<import('./api.js').FileEntry>}
   */
  async function upload(tries) {
    const { name, url, type } = await requestUpload(file)
    const measure = createSpeedMeter()
    const { done, cancel: abort } = transfer(url, file, type, (sent) => {
      showSent(sent)
      meta.textContent = sent < file.size ? describe(sent, measure(sent)) : 'Storing'
    })
    wanted.signal.addEventListener('abort', abort)
    if (wanted.signal.aborted) abort()
    try {
      const { size, contentType } = await done
      return { name, size, type: contentType, modifiedAt: Date.now() }
    } catch (error) {
      // An upload URL only creates. Where someone else took the name meanwhile, the server finds another.
      if (error instanceof Problem && error.code === 'exists' && tries > 1) return upload(tries - 1)
      throw error
    }
  }

  /**
   * @param {number} sent
   * @param {number} speed bytes per second
   */
  function describe(sent, speed) {
    const soFar = `${formatSize(sent)} of ${formatSize(file.size)}`
    if (speed === 0) return soFar
    const left = formatTimeLeft(((file.size - sent) / speed) * 1000)
    return `${soFar} · ${formatSize(speed)}/s · ${left} left`
  }

  /** @param {number} sent */
  function showSent(sent) {
    const share = file.size === 0 ? 0 : sent / file.size
    progress.value = share
    percent.textContent = `${Math.floor(share * 100)} %`
  }

  /** @param {string} words */
  function fail(words) {
    element.classList.add('failed')
    meta.textContent = words
    percent.textContent = ''
    again.hidden = false
    cancel.setAttribute('aria-label', `Dismiss ${file.name}`)
    announce(`${file.name} was not uploaded. ${words}`)
  }
}
