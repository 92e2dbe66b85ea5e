import { MIB } from './settings.js'

const MOST_PARTS = 10_000
/** As many equal parts, before they grow, as let 5 TiB end below 10 000 parts. */
const STEADY_PARTS = 1200
/** Node hashes less than 2 GiB at once, and the client signs a part by its hash. */
const LARGEST_PART = 2047 * MIB

/**
 * Bytes of the next part. Where the length is known all parts are of one size. Where it is not, parts grow with what
 * has been sent, so that 5 TiB fit into 10 000 parts, and a small upload needs little memory.
 *
 * @param sent bytes of the parts before
 * @param total bytes of the whole, where known
 */
export function nextPartSize(smallest: number, sent: number, total: number | undefined): number {
  const wanted =
    total !== undefined && sent < total
      ? Math.ceil(total / MOST_PARTS / MIB) * MIB
      : Math.ceil(sent / STEADY_PARTS)
  return Math.min(LARGEST_PART, Math.max(smallest, wanted))
}
