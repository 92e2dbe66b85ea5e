import { UnderWay } from './under-way.js'

const LARGE_BYTES = 1024 * 1024
const SMALL_BYTES = 256 * 1024
/** More uploads under way at once are written in small batches. */
const FEW = 16

/**
 * How much of an upload is written at once. One large write costs the system less than several small ones, and Linux takes
 * larger pages for it. An upload holds up to two batches, so where many are under way they are small.
 */
class WriteBatches extends UnderWay {
  /** Bytes of a batch, at least. */
  get bytes(): number {
    return this.areMany ? SMALL_BYTES : LARGE_BYTES
  }
}

/** Those of the process. */
export const writeBatches = new WriteBatches(FEW)
