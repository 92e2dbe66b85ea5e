import { LatchkeyError } from '@latchkey/core'

/** Options of `fsDriver`. */
export interface FsDriverOptions {
  /** The folder that holds the objects. Made where it is missing. A relative path is relative to the process. */
  readonly root: string
  /**
   * Flush file, metadata and folders to the disk before a write is reported, so that it survives a loss of power.
   * Costs one to tens of milliseconds per write. Default `false`: a write survives the end of the process, kill -9
   * included, but a loss of power may undo the writes of the last seconds.
   */
  readonly fsync?: boolean
  /**
   * Seconds after which a temporary file of another machine or container, untouched for so long, counts as left
   * behind. Those of this machine are told by their process. Must be longer than the longest silence in an upload.
   * Default 3600, at least 60.
   */
  readonly tempMaxAge?: number
  /** Mode of new files, narrowed by the umask. Default `0o640`: a reverse proxy in the app's group can read them. */
  readonly fileMode?: number
  /** Mode of new folders, narrowed by the umask. Default `0o750`. */
  readonly folderMode?: number
  /** How many objects' metadata are kept in memory, about 500 bytes each. Default 4096; 0 keeps none. */
  readonly metadataCacheSize?: number
  /**
   * Bytes of memory for objects that are asked for again and again: the content of those of up to 64 KiB, and of others what a
   * HEAD or a 304 tells. The files of at most 64 larger ones stay open for one to two seconds after they were last asked for, on
   * Linux. Before anything is sent so, the file system is asked whether the file is unchanged. Default 8 MiB; 0 keeps nothing, and
   * no file open.
   */
  readonly contentCacheSize?: number
}

/** The options with every default filled in. */
export interface FsSettings {
  readonly fsync: boolean
  readonly tempMaxAgeMs: number
  readonly fileMode: number
  readonly folderMode: number
  readonly metadataCacheSize: number
  readonly contentCacheSize: number
}

/** Checks the options and fills in the defaults. */
export function readSettings(options: FsDriverOptions): FsSettings {
  const {
    fsync = false,
    tempMaxAge = 3600,
    fileMode = 0o640,
    folderMode = 0o750,
    metadataCacheSize = 4096,
    contentCacheSize = 8 * 1024 * 1024,
  } = options
  if (typeof options.root !== 'string' || options.root === '' || options.root.includes('\0')) {
    throw invalid('root must be the path of a folder')
  }
  if (!(tempMaxAge >= 60)) throw invalid('tempMaxAge must be at least 60 seconds')
  // Without these bits the driver could not read back what it wrote.
  if (!isMode(fileMode, 0o600)) throw invalid('fileMode must be a mode that includes 0o600')
  if (!isMode(folderMode, 0o700)) throw invalid('folderMode must be a mode that includes 0o700')
  if (!Number.isSafeInteger(metadataCacheSize) || metadataCacheSize < 0) {
    throw invalid('metadataCacheSize must be a whole number, 0 or more')
  }
  if (!Number.isSafeInteger(contentCacheSize) || contentCacheSize < 0) {
    throw invalid('contentCacheSize must be a whole number of bytes, 0 or more')
  }
  return { fsync, tempMaxAgeMs: tempMaxAge * 1000, fileMode, folderMode, metadataCacheSize, contentCacheSize }
}

function isMode(mode: number, needed: number): boolean {
  return Number.isInteger(mode) && mode >= 0 && mode <= 0o7777 && (mode & needed) === needed
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
