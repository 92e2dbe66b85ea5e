import type { Bytes } from '../contracts/bytes.js'
import { resolveCapabilities } from '../contracts/capabilities.js'
import type { GateReply, GateRequest } from '../contracts/gate.js'
import { type Grant, LatchkeyError, typeAllowed, withRandomSuffix } from '../token/index.js'
import { authenticate } from './access.js'
import { type Announcement, readAnnouncement, requireUnread } from './announcement.js'
import { completeUpload } from './completion.js'
import { announcedDigests } from './content-digest.js'
import type { GateSettings } from './gate-settings.js'
import { type Findings, startInspection } from './inspection.js'
import { measuresUploads } from './measures-uploads.js'
import { meterBody } from './metered-body.js'
import { noBytes } from './no-bytes.js'
import { holdReplaced } from './replaced-version.js'
import { READ_ONLY, requireStorableMetadata } from './storable-metadata.js'
import { storedReply } from './stored-reply.js'
import type { Target } from './target.js'
import { reportReceived } from './watch/report-stored.js'
import { writePrecondition } from './write-precondition.js'

/** PUT. All that can be refused by the header is refused before the first byte of the body is read. */
export async function receive(
  request: GateRequest,
  target: Target,
  settings: GateSettings,
  body: Bytes | null,
): Promise<GateReply> {
  const access = await authenticate(request, target, 'put', settings, ['downloads'])
  if ('refusal' in access) return access.refusal
  const { grant } = access
  requireUnread(request)
  const key = grant.addRandomSuffix ? withRandomSuffix(target.key) : target.key
  const announcement = readAnnouncement(request, key)
  const maxSize = Math.min(grant.maxSize ?? Number.POSITIVE_INFINITY, settings.maxUploadSize)
  requireAllowed(announcement, grant, maxSize)
  const digests = announcedDigests(request)
  // The token may come from a process whose storage can do more than this one's.
  const { conditionalWrites, uploads } = resolveCapabilities(settings.storage.capabilities)
  if (!uploads) throw new LatchkeyError('storage_denied', READ_ONLY)
  const required = writePrecondition(request, grant, await settings.storage.stat(key))
  requireStorableMetadata(grant, settings)
  // Nobody else has a key with a suffix that was made just now, so that it is free needs no holding.
  const precondition = grant.addRandomSuffix && !conditionalWrites ? undefined : required
  if (precondition !== undefined && !conditionalWrites) {
    throw new LatchkeyError('precondition_failed', 'this storage cannot hold an upload to a condition')
  }
  const inspection = startInspection({
    sniff: settings.sniff,
    announced: announcement.essence,
    allowedTypes: grant.allowedTypes,
    measured: measuresUploads(settings),
  })
  let findings: Findings = {}
  const replaced = await holdReplaced(key, precondition, settings)
  const limits = { maxSize, announced: announcement.size, digests }
  const metered = meterBody(body ?? noBytes(), limits, {
    onBytes: inspection.onBytes,
    async onEnd() {
      findings = await inspection.finish()
      await replaced.look()
    },
  })
  try {
    const result = await settings.storage.write(key, metered, {
      contentType: announcement.contentType,
      visibility: grant.visibility,
      ...(grant.cacheControlMaxAge === undefined ? {} : { cacheControlMaxAge: grant.cacheControlMaxAge }),
      ...(replaced.precondition === undefined ? {} : { precondition: replaced.precondition }),
      ...(announcement.size === undefined ? {} : { size: announcement.size }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
    await completeUpload(
      { key, result, contentType: announcement.contentType, grant, findings, replaced },
      settings,
    )
    const { contentType } = announcement
    const { stat, created } = result
    const { visibility } = grant
    reportReceived(
      request,
      { key, size: stat.size, contentType, created, multipart: false, visibility },
      grant,
    )
    return storedReply(key, result, contentType, visibility, settings)
  } finally {
    await replaced.release()
  }
}

function requireAllowed(announcement: Announcement, grant: Grant, maxSize: number): void {
  if (announcement.size !== undefined && announcement.size > maxSize) {
    throw new LatchkeyError('too_large', `${announcement.size} bytes were announced, ${maxSize} are allowed`)
  }
  if (grant.allowedTypes !== undefined && !typeAllowed(announcement.essence, grant.allowedTypes)) {
    throw new LatchkeyError('type_not_allowed', `${announcement.essence} is not among the allowed types`)
  }
}
