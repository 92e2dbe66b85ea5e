import { Problem, problemOf } from './problem.js'

const BROKEN = 'The connection broke before the file was complete. Nothing of it was stored.'

/**
 * Sends a file to a signed URL. By XMLHttpRequest, as `fetch` cannot tell how far an upload has come.
 *
 * @param {string} url
 * @param {File} file
 * @param {string | null} type what the URL is signed for; `null` leaves it to the server
 * @param {(sent: number) => void} onProgress called with bytes
 * @returns {{ done: Promise<{ size: number, contentType: string }>, cancel: () => void }}
 */
export function transfer(url, file, type, onProgress) {
  const request = new XMLHttpRequest()
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(Math.min(loaded, file.size)))
    request.addEventListener('abort', () => reject(new Problem('cancelled', 'Cancelled.')))
    request.addEventListener('error', () => reject(new Problem('unreachable', BROKEN)))
    request.addEventListener('load', () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText))
      else reject(problemOf(request.status, request.responseText))
    })
  })
  request.open('PUT', url)
  if (type !== null) request.setRequestHeader('content-type', type)
  request.send(type === null ? file.slice(0, file.size, '') : file)
  return { done, cancel: () => request.abort() }
}
