import type { GateRequest } from '../contracts/gate.js'
import type { DownloadClaim } from '../contracts/ledger.js'
import type { Grant } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'

/** A request for the bytes of an object. */
export interface Download {
  readonly request: GateRequest
  readonly key: string
  readonly grant: Grant
  readonly settings: GateSettings
}

/** What a download takes of one limit. */
export type DownloadUse = Omit<DownloadClaim, 'attempt'>

/**
 * What a request takes of each limit of its token.
 *
 * @param joins whether it may belong to a download of the same client that has been counted
 */
export async function usesOf(
  { grant, key, request, settings }: Download,
  joins: boolean,
): Promise<readonly DownloadUse[]> {
  return Promise.all(
    grant.downloadLimits.map(async ({ id, limit, expiresAt, resumeWindow }) => {
      const use = { id, limit, expiresAt }
      if (resumeWindow === undefined) return use
      const client = await clientOf(`${id}\n${key}`, grant, request, settings)
      return client === undefined ? use : { ...use, resume: { client, seconds: resumeWindow, joins } }
    }),
  )
}

/**
 * Who asks, as far as that can be told: the address, and what the client says of itself. As a MAC with the signing key,
 * which holds what it is about: whoever reads the ledger learns no address by trying them all, nor that two links were
 * opened by the same client. Without an address nobody is the same: a browser's name is that of thousands.
 *
 * @param about the limit and the key of the object: of all that a limit counts, a client resumes what it began
 */
async function clientOf(
  about: string,
  { kid }: Grant,
  request: GateRequest,
  { keys }: GateSettings,
): Promise<string | undefined> {
  const address = request.address?.()
  const mac = keys.macOf(kid)
  if (address === undefined || address === '' || mac === undefined) return undefined
  // The MAC text of no token begins in this way, and no line but the last can hold a line feed.
  return mac(`latchkey1 client\n${about}\n${address}\n${request.header('user-agent') ?? ''}`)
}
