import type { MaybePromise } from '../hmac/contract.js'
import type { Block } from './block.js'
import { countingId } from './chain.js'
import type { DownloadLimit } from './grant.js'
import { andThen, together } from './maybe-promise.js'

/** The MAC of a block that limits downloads. */
export interface LimitMac {
  /** Where the block stands, from 0. */
  readonly at: number
  readonly mac: string
}

/** The download limits of a token whose MAC holds. */
export function downloadLimits(
  blocks: readonly Block[],
  macs: readonly LimitMac[],
): MaybePromise<readonly DownloadLimit[]> {
  return together(
    macs.map(({ at, mac }) =>
      andThen(countingId(mac), (id) => {
        const { maxDownloads, resumeWindow } = blocks[at]?.fields ?? {}
        return {
          id,
          limit: maxDownloads ?? 0,
          expiresAt: earliestEnd(blocks.slice(0, at + 1)),
          ...(resumeWindow !== undefined && { resumeWindow }),
        }
      }),
    ),
  )
}

/** Every token that has these blocks ends by then. */
function earliestEnd(blocks: readonly Block[]): number {
  return Math.min(...blocks.map(({ fields }) => fields.expires ?? Number.POSITIVE_INFINITY))
}
