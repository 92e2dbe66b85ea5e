import { startUpload, UploadError } from '/client/index.js'
import { announce } from './announce.js'
import { ENDPOINT } from './api.js'
import { fileKind, showKind } from './file-kind.js'
import { focusList } from './file-list.js'
import { formatSize, formatTimeLeft } from './format.js'
import { fromTemplate, part } from './part.js'
import { wordsFor } from './problem.js'
import { createSpeedMeter } from './speed-meter.js'
import { onTick } from './ticker.js'
import { discard, isOf, lockWhile, memoryOf, unfinishedUploads } from './unfinished.js'
import { enqueue, startNext } from './upload-queue.js'

const TRIES_FOR_A_NAME = 3
const STALLED_MS = 3000
/** Larger files go in parts, which is what lets them pause and go on. */
const PARTS_FROM = 16 * 1024 * 1024
const PARTS_AT_ONCE = 2

/**
 * The row of a file on its way up.
 *
 * @param {File} file
 * @param {object} on
 * @param {(entry: import('./api.js').FileEntry, row: HTMLElement) => void} on.stored
 * @param {() => void} on.unsure called when the file may be stored and may not
 * @returns {HTMLElement}
 */
export function createUploadRow(file, on) {
  const element = fromTemplate('upload-row', HTMLLIElement)
  const progress = part(element, 'progress', HTMLProgressElement)
  const percent = part(element, 'percent', HTMLOutputElement)
  const meta = part(element, 'meta', HTMLParagraphElement)
  const pause = part(element, 'pause', HTMLButtonElement)
  const cancel = part(element, 'cancel', HTMLButtonElement)
  const again = part(element, 'again', HTMLButtonElement)
  const wanted = new AbortController()
  /** @type {import('/client/index.js').UploadTask | undefined} */
  let task
  let measure = createSpeedMeter()
  let sent = 0
  let movedAt = 0

  showKind(
    part(element, 'kind', HTMLElement),
    part(element, 'icon', SVGUseElement),
    fileKind(file.type, file.name).kind,
  )
  part(element, 'name', HTMLParagraphElement).textContent = file.name
  progress.setAttribute('aria-label', `Uploading ${file.name}`)
  pause.addEventListener('click', togglePause)
  cancel.addEventListener('click', () => void leave())
  again.addEventListener('click', start)
  start()
  return element

  function start() {
    element.classList.remove('failed')
    again.hidden = true
    pause.hidden = true
    cancel.setAttribute('aria-label', `Cancel ${file.name}`)
    showSent(0)
    meta.textContent = 'Waiting'
    enqueue({ name: file.name, run, rests: () => task?.paused === true })
  }

  async function run() {
    if (wanted.signal.aborted) return
    const stopWatching = onTick(watch)
    try {
      const done = upload(TRIES_FOR_A_NAME)
      lockWhile(file, done)
      const { key, size, contentType } = await done
      on.stored({ name: key, size, type: contentType, modifiedAt: Date.now() }, element)
      announce(`${file.name} uploaded`)
    } catch (error) {
      if (!wanted.signal.aborted) fail(error)
    } finally {
      stopWatching()
    }
  }

  /**
   * @param {number} tries
   * @returns {Promise<import('/client/index.js').UploadedFile>}
   */
  async function upload(tries) {
    measure = createSpeedMeter()
    movedAt = performance.now()
    showSent(0)
    task = startUpload(file, {
      endpoint: ENDPOINT,
      payload: file.name,
      multipart: { threshold: PARTS_FROM, concurrency: PARTS_AT_ONCE },
      storage: memoryOf(file),
      signal: wanted.signal,
      onProgress: ({ loaded }) => onProgress(loaded),
    })
    showPause()
    try {
      return await task.done
    } catch (error) {
      // An upload URL only creates. Where someone else took the name meanwhile, the server finds another.
      if (error instanceof UploadError && error.code === 'exists' && tries > 1) return upload(tries - 1)
      throw error
    }
  }

  /** @param {number} bytes */
  function onProgress(bytes) {
    movedAt = performance.now()
    showSent(bytes)
    const speed = measure(bytes)
    if (bytes < file.size) {
      if (!task?.paused) meta.textContent = describe(speed)
      return
    }
    meta.textContent = 'Storing'
    pause.hidden = true
  }

  function watch() {
    if (sent === file.size || task?.paused || performance.now() - movedAt < STALLED_MS) return
    meta.textContent = `${soFar()} · waiting for the connection`
  }

  function togglePause() {
    if (task?.paused) {
      measure = createSpeedMeter()
      movedAt = performance.now()
      task.resume()
      meta.textContent = soFar()
    } else {
      task?.pause()
      meta.textContent = `Paused · ${soFar()}`
      startNext()
    }
    showPause()
  }

  function showPause() {
    const paused = task?.paused === true
    pause.hidden = file.size < PARTS_FROM
    pause.setAttribute('aria-label', `${paused ? 'Resume' : 'Pause'} ${file.name}`)
    part(pause, 'pause-icon', SVGUseElement).setAttribute('href', paused ? '#i-play' : '#i-pause')
    element.classList.toggle('paused', paused)
  }

  function soFar() {
    return `${formatSize(sent)} of ${formatSize(file.size)}`
  }

  /** @param {number} speed bytes per second */
  function describe(speed) {
    if (speed === 0) return soFar()
    return `${soFar()} · ${formatSize(speed)}/s · ${formatTimeLeft(((file.size - sent) / speed) * 1000)} left`
  }

  /** @param {number} bytes */
  function showSent(bytes) {
    sent = bytes
    const share = file.size === 0 ? 0 : bytes / file.size
    progress.value = share
    percent.textContent = `${Math.floor(share * 100)} %`
  }

  /** @param {unknown} error */
  function fail(error) {
    const kept = file.size >= PARTS_FROM && error instanceof UploadError && error.code === 'network'
    const words = kept ? `${wordsFor(error)} What has arrived is kept.` : wordsFor(error)
    element.classList.add('failed')
    meta.textContent = words
    percent.textContent = ''
    pause.hidden = true
    again.hidden = false
    cancel.setAttribute('aria-label', `Dismiss ${file.name}`)
    announce(`${file.name} was not uploaded. ${words}`)
    if (error instanceof UploadError && error.code === 'unconfirmed') on.unsure()
  }

  async function leave() {
    const failed = element.classList.contains('failed')
    wanted.abort()
    element.remove()
    focusList()
    // The client clears up after what it aborts; an upload that failed is remembered for another try.
    if (!failed) return
    for (const upload of await unfinishedUploads()) {
      if (isOf(upload, file)) await discard(upload)
    }
  }
}
