import type { ReusableChunk } from '@latchkey/core'
import { ChunkPool } from './chunk-pool.js'
import { UnderWay } from './under-way.js'

const LARGE_BYTES = 256 * 1024
const SMALL_BYTES = 128 * 1024
/** More downloads under way at once have small chunks. */
const FEW = 32

/**
 * Memory for the chunks of large downloads, each of which holds one at a time. In large chunks a download goes fastest; where
 * many are under way at once, they are as fast in small ones, and take half the memory. 16 MiB at most lie idle.
 */
class DownloadChunks extends UnderWay {
  readonly #large = new ChunkPool(LARGE_BYTES, FEW)
  readonly #small = new ChunkPool(SMALL_BYTES, 64)

  /** The next chunk of a download that has so many bytes left. */
  take(left: number): ReusableChunk & Buffer {
    const pool = this.areMany ? this.#small : this.#large
    return pool.take(Math.min(pool.length, left))
  }
}

/** Those of the process. */
export const downloadChunks = new DownloadChunks(FEW)
