import { badRequest } from './bad-request.js'
import type { MintingCall, MintingPlan } from './call.js'
import { grantUpload } from './grant-upload.js'
import { mintUrl } from './mint-url.js'
import { lifeOf, type Properties, propertiesOf, wholeOf } from './properties.js'
import { keyOf, readUploadIntent } from './read-upload-intent.js'
import { signNarrowed } from './sign-narrowed.js'
import { uploadHeaders } from './signed-uploads.js'
import { refreshUpload } from './upload-sessions.js'

const PROPERTIES = ['method', 'key', 'uploadId', 'partNumber', 'contentType', 'expiresIn']

/**
 * `POST /signed-requests`: a URL for one request in S3's REST shape, as Uppy's `signRequest` asks for them.
 *
 * | method | without `uploadId` | with `uploadId` |
 * | --- | --- | --- |
 * | `PUT` | upload an object | upload part `partNumber` |
 * | `POST` | begin an upload in parts | complete it |
 * | `GET` | read an object | list the parts |
 * | `DELETE` | remove an object | abort the upload |
 */
export function planSignedRequest(body: unknown, call: MintingCall): MintingPlan {
  const properties = propertiesOf(body, PROPERTIES, 'The body')
  const key = keyOf(properties.key, 'key')
  const { method } = properties
  const isPart = method === 'PUT' && properties.uploadId !== undefined
  const partNumber = wholeOf(properties.partNumber, 'partNumber', 1, 10_000)
  if (isPart !== (partNumber !== undefined))
    throw badRequest('PUT takes both uploadId and partNumber, or neither.')
  switch (method) {
    case 'PUT':
    case 'POST':
      return planUpload({ ...properties, multipart: method === 'POST' }, partNumber, call)
    case 'GET':
    case 'DELETE':
      if (properties.uploadId !== undefined) return planUpload(properties, undefined, call)
      return planUrl(method === 'GET' ? 'get' : 'delete', key, properties, call)
    default:
      throw badRequest('method must be PUT, POST, GET or DELETE.')
  }
}

/** A request in the shape of S3 brings its bytes along, or its part's ETag. */
const NOT_IN_S3_SHAPE =
  'Uploads go straight to the storage here: ask /signed-uploads, and announce the size to the URL in its answer.'

function planUrl(
  operation: 'get' | 'delete',
  key: string,
  properties: Properties,
  call: MintingCall,
): MintingPlan {
  const expiresIn = lifeOf(properties.expiresIn, 'expiresIn', call.settings.expiry)
  return {
    points: 1,
    async mint() {
      const { url } = await mintUrl(call, { operation, key, ...(expiresIn !== undefined && { expiresIn }) })
      return { url, key }
    },
  }
}

function planUpload(properties: Properties, partNumber: number | undefined, call: MintingCall): MintingPlan {
  if (call.settings.direct !== undefined) throw badRequest(NOT_IN_S3_SHAPE)
  const intent = readUploadIntent(properties, call.settings)
  const { uploadId } = intent
  return {
    points: 1,
    async mint() {
      const { key, fields: granted } = await grantUpload(call, intent)
      const { settings } = call
      if (uploadId === undefined) {
        const { url } = await signNarrowed(key, granted, settings)
        return { url: intent.multipart ? `${url}&uploads` : url, key, ...uploadHeaders(intent) }
      }
      const { fields } = await refreshUpload({ key, uploadId, partNumber, fields: granted }, settings)
      const { url } = await signNarrowed(key, fields, settings)
      const part = partNumber === undefined ? '' : `&partNumber=${partNumber}`
      return { url: `${url}&uploadId=${uploadId}${part}`, key }
    },
  }
}
