import { LatchkeyError, type LatchkeyErrorCode } from '@latchkey/core'
import { errnoOf } from './call.js'

// Each text ends up in the operator's log and never at a client, so it says what to do.
const KNOWN: Readonly<Record<string, readonly [LatchkeyErrorCode, string]>> = {
  ENOSPC: ['storage_full', 'The disk is full, or out of inodes: free some room'],
  EDQUOT: ['storage_full', 'The disk quota is used up: raise it, or free some room'],
  EFBIG: ['storage_full', 'The file is larger than the file system or the process limit (ulimit -f) allows'],
  EACCES: [
    'storage_denied',
    'The process may not do this: give its user access to the root and all below it',
  ],
  EPERM: ['storage_denied', 'The system forbids this: look at owner, file attributes and mount options'],
  EROFS: [
    'storage_denied',
    'The file system is mounted read-only: mount it writable, or use it for reading only',
  ],
  EMFILE: ['storage_unavailable', 'The process is out of file handles: raise its limit (ulimit -n)'],
  ENFILE: ['storage_unavailable', 'The system is out of file handles: raise fs.file-max'],
  ENOMEM: ['storage_unavailable', 'The system is out of memory'],
  EIO: ['storage_unavailable', 'The disk reports an input/output error: look at the system log'],
  ESTALE: [
    'storage_unavailable',
    'The network file system lost its server or was exported anew: mount it again',
  ],
  ETIMEDOUT: ['storage_unavailable', 'The network file system does not answer: look at its server'],
  EXDEV: [
    'storage_unavailable',
    'A folder below the root is another file system: give it a driver of its own',
  ],
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR', 'ENXIO', 'ENODEV', 'EINVAL'])

/** Whether an error of a read means that there is no such object. */
export function meansAbsent(error: unknown): boolean {
  const code = errnoOf(error)
  return code !== undefined && ABSENT.has(code)
}

/** The contract's error for one of the file system. What is not the file system's passes as it is. */
export function storageError(error: unknown): unknown {
  if (error instanceof LatchkeyError) return error
  const errno = errnoOf(error)
  if (errno === undefined || (error as NodeJS.ErrnoException).syscall === undefined) return error
  if (errno === 'ENAMETOOLONG') {
    return new LatchkeyError('invalid_key', 'A name in the key is too long for the file system', {
      cause: error,
    })
  }
  if (errno === 'ENOTDIR' || errno === 'EISDIR' || errno === 'ENOTEMPTY' || errno === 'ELOOP') {
    return keyConflict(error)
  }
  const [code, advice] = KNOWN[errno] ?? ['storage_unavailable', 'The file system failed']
  return new LatchkeyError(code, `${advice} (${(error as Error).message})`, { cause: error })
}

/** A file stands where the key needs a folder, or a folder where it needs a file. */
export function keyConflict(cause?: unknown): LatchkeyError {
  return new LatchkeyError(
    'key_conflict',
    'A file is in the way of a folder that the key needs, or the reverse',
    {
      cause,
    },
  )
}
