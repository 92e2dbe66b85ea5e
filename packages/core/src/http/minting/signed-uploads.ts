import type { UploadIntent } from '../../contracts/authorize.js'
import type { MintingCall, MintingPlan } from './call.js'
import { type GrantedUpload, grantUpload } from './grant-upload.js'
import { propertiesOf } from './properties.js'
import { readUploadIntent } from './read-upload-intent.js'
import { signNarrowed } from './sign-narrowed.js'
import { beginUpload, type OpenUpload, refreshUpload } from './upload-sessions.js'

const PROPERTIES = ['key', 'contentType', 'size', 'payload', 'multipart', 'uploadId', 'expiresIn']

/** `POST /signed-uploads`: a URL to upload to, in one piece or in parts. */
export function planSignedUpload(body: unknown, call: MintingCall): MintingPlan {
  const intent = readUploadIntent(propertiesOf(body, PROPERTIES, 'The body'), call.settings)
  return { points: 1, mint: () => mintUpload(intent, call) }
}

async function mintUpload(intent: UploadIntent, call: MintingCall): Promise<Record<string, unknown>> {
  const { settings } = call
  const granted = await grantUpload(call, intent)
  const upload = intent.multipart ? await openUpload(intent, granted, call) : undefined
  const { url, expiresAt } = await signNarrowed(granted.key, upload?.fields ?? granted.fields, settings)
  return {
    key: granted.key,
    url,
    ...(settings.direct === undefined ? { method: 'PUT', ...uploadHeaders(intent) } : { method: 'POST' }),
    expires_at: expiresAt.toISOString(),
    ...(upload !== undefined && {
      uploadId: upload.uploadId,
      partSize: upload.partSize,
      uploadExpiresAt: upload.expiresAt.toISOString(),
    }),
  }
}

function openUpload(
  intent: UploadIntent,
  granted: GrantedUpload,
  { settings }: MintingCall,
): Promise<OpenUpload> {
  const { key, fields } = granted
  const { uploadId, contentType, size } = intent
  return uploadId === undefined
    ? beginUpload({ key, contentType, size, fields }, settings)
    : refreshUpload({ key, uploadId, partNumber: undefined, fields }, settings)
}

/** What the client must send with the file: the type that the token was made for. */
export function uploadHeaders({ contentType }: UploadIntent): { readonly headers?: Record<string, string> } {
  return contentType === undefined ? {} : { headers: { 'content-type': contentType } }
}
