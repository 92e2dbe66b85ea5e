import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import Dashboard from '@uppy/dashboard'

const MB = 1024 * 1024

const uppy = new Uppy()
  .use(Dashboard, {
    target: '#uploads',
    inline: true,
    width: '100%',
    height: 400,
    theme: 'auto',
    note: 'Any file, up to 5 GB. Large ones go in parts, and can be paused.',
    proudlyDisplayPoweredByUppy: false,
  })
  .use(AwsS3, {
    shouldUseMultipart: ({ size }) => (size ?? 0) > 16 * MB,
    getChunkSize: () => 8 * MB,
    signRequest: (request) => post('/files/signed-requests', request),
  })

uppy.on('upload-success', async (file, { body }) => {
  if (file === undefined || body === undefined) return
  // The slashes of a key are those of its path.
  const path = String(body.key).split('/').map(encodeURIComponent).join('/')
  const { url } = await post(`/files/${path}/signed-url`, { download: file.name })
  showLink(file.name, url)
})

/**
 * @param {string} path
 * @param {object} body
 */
async function post(path, body) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.detail)
  return answer
}

/**
 * @param {string} name
 * @param {string} url
 */
function showLink(name, url) {
  const link = document.createElement('a')
  link.href = url
  link.textContent = name
  const item = document.createElement('li')
  item.append(link)
  document.querySelector('#links')?.prepend(item)
}
