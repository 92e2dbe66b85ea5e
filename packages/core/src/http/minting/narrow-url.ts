import type { ReadIntent } from '../../contracts/authorize.js'
import { type Download, type FirstFields, LatchkeyError, type Operation } from '../../token/index.js'
import { narrowLife } from './narrow-life.js'

/** What each operation that a client asks for comes with. Whoever may get an object may ask for its head. */
const OPERATIONS = { get: ['get', 'head'], head: ['head'], delete: ['delete'] } as const

/**
 * What the limits allow, narrowed to what the client asked for.
 *
 * @param now milliseconds
 * @throws LatchkeyError `forbidden` where the limits do not have the operation; `bad_request`
 */
export function narrowUrl(allowed: FirstFields, intent: ReadIntent, now: number): FirstFields {
  const granted = allowed.operations ?? []
  const operations: readonly Operation[] = OPERATIONS[intent.operation].filter((one) => granted.includes(one))
  if (!operations.includes(intent.operation)) {
    throw new LatchkeyError(
      'forbidden',
      `the limits that authorize returned have no operation '${intent.operation}'`,
    )
  }
  const maxDownloads = narrowCount(allowed.maxDownloads, intent.maxDownloads)
  const resumeWindow = narrowWindow(allowed, intent.resumeWindow)
  const download = narrowDownload(allowed.download, intent.download)
  return {
    ...allowed,
    operations,
    expires: narrowLife(allowed, intent.expiresIn, now),
    ...(download !== undefined && { download }),
    ...(maxDownloads !== undefined && { maxDownloads }),
    ...(resumeWindow !== undefined && { resumeWindow }),
    ...(intent.confirm && { confirm: true as const }),
  }
}

function narrowCount(allowed: number | undefined, asked: number | undefined): number | undefined {
  return allowed !== undefined && asked !== undefined ? Math.min(allowed, asked) : (allowed ?? asked)
}

/** The window belongs to the limit beside it: to one that the app sets without a window, a client can add none. */
function narrowWindow(allowed: FirstFields, asked: number | undefined): number | undefined {
  if (allowed.maxDownloads === undefined || asked === undefined) return allowed.resumeWindow ?? asked
  return allowed.resumeWindow === undefined ? undefined : Math.min(allowed.resumeWindow, asked)
}

/**
 * To save is narrower than to show, as nothing can run script then. So a client may have a file saved, and name it
 * where the limits do not; it cannot have shown what would be saved.
 */
function narrowDownload(
  allowed: Download | undefined,
  asked: boolean | string | undefined,
): Download | undefined {
  if (asked === undefined || asked === false || allowed?.filename !== undefined) return allowed
  return { disposition: 'attachment', ...(asked !== true && { filename: asked }) }
}
