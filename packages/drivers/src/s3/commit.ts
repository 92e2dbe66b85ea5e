import { setTimeout as sleep } from 'node:timers/promises'
import { LatchkeyError, type Precondition, type WriteResult } from '@latchkey/core'
import { existsError, preconditionFailedError } from '../precondition.js'
import type { Bucket } from './bucket.js'
import { conditionSupport, type WriteConditions } from './conditions.js'
import { type ObjectMetadata, quoted, type StoredHead } from './metadata.js'
import { meansConditionFailed, meansConflict, meansNoKey, statusOf, storeError } from './store-errors.js'
import { BodyFailure } from './streamed-put.js'

const MOST_TRIES = 6
const FIRST_PAUSE_MS = 40

/** What is about to be published. */
export interface Publication {
  readonly name: string
  /** The nonce that it is stored with, by which it is known again. */
  readonly version: string
  readonly size: number
  readonly metadata: ObjectMetadata
  readonly precondition?: Precondition | undefined
  /** Publishes it in one step and gives its ETag. Fails with the store's own error. */
  publish(condition: WriteConditions): Promise<string | undefined>
  /** Whether `publish` can be called again after it failed. */
  readonly repeatable: boolean
}

interface Attempt {
  readonly condition: WriteConditions
  readonly created: boolean
}

/** Publishes, under the condition, and tells what became of it also where the answer of the store was lost. */
export async function commit(bucket: Bucket, publication: Publication): Promise<WriteResult> {
  const { name, repeatable } = publication
  let attempt = await firstAttempt(bucket, publication)
  for (let turn = 1; ; turn++) {
    try {
      const etag = await publication.publish(attempt.condition)
      return { stat: await statOf(bucket, publication, etag), created: attempt.created }
    } catch (error) {
      if (error instanceof BodyFailure) throw error.cause
      if (!isDoubtful(error)) throw storeError(error)
      const current = await bucket.head(name).catch(() => {
        throw storeError(error)
      })
      // A request that was repeated after its answer was lost finds its own object in the way.
      if (isPublished(publication, current)) return { stat: current.stat, created: attempt.created }
      if (!isUndecided(error, attempt)) throw storeError(error)
      attempt = await nextAttempt(bucket, publication, attempt, current)
      if (!repeatable || turn === MOST_TRIES) throw storeError(error)
      await sleep(FIRST_PAUSE_MS * 2 ** (turn - 1) * Math.random())
    }
  }
}

/** What the store is asked to check. */
async function firstAttempt(bucket: Bucket, publication: Publication): Promise<Attempt> {
  const { name, precondition, repeatable } = publication
  if (precondition?.type === 'absent' && repeatable) {
    return { condition: { IfNoneMatch: '*' }, created: true }
  }
  const current = await bucket.head(name).catch((error: unknown) => {
    throw storeError(error)
  })
  if (precondition === undefined) return { condition: {}, created: isFree(current) }
  return attemptOver(bucket, precondition, current)
}

async function nextAttempt(
  bucket: Bucket,
  { precondition }: Publication,
  before: Attempt,
  current: StoredHead | null,
): Promise<Attempt> {
  return precondition === undefined ? before : attemptOver(bucket, precondition, current)
}

/** Throws where the condition does not hold for what is there. */
async function attemptOver(
  bucket: Bucket,
  precondition: Precondition,
  current: StoredHead | null,
): Promise<Attempt> {
  const free = isFree(current)
  if (precondition.type === 'absent') {
    if (!free) throw existsError()
    if (current === null) return { condition: { IfNoneMatch: '*' }, created: true }
  } else if (current === null || free || !matches(precondition, current)) {
    throw preconditionFailedError()
  }
  const { spell } = await conditionSupport(bucket)
  return { condition: { IfMatch: spell(current.stat.etag) }, created: free }
}

/** Whether an object is the version that a condition names. */
export function matches(
  { etags, version }: Extract<Precondition, { readonly type: 'match' }>,
  { stat }: StoredHead,
): boolean {
  return etags.includes(stat.etag) && (version === undefined || version === stat.version)
}

function isFree(current: StoredHead | null): boolean {
  return current === null || current.isMarker
}

/** A change of visibility keeps the nonce. */
function isPublished({ version, metadata }: Publication, current: StoredHead | null): current is StoredHead {
  return current?.version === version && (current.stat.visibility ?? 'private') === metadata.visibility
}

/** Whether the object may be there all the same. 404 is how a completion answers that was repeated. */
function isDoubtful(error: unknown): boolean {
  if (meansConditionFailed(error) || meansConflict(error)) return true
  if (error instanceof LatchkeyError && error.code !== 'storage_unavailable') return false
  const status = statusOf(error)
  return status === undefined || status >= 500 || status === 404
}

/** Whether the condition that was sent did not hold, which says nothing of the one that was asked for. */
function isUndecided(error: unknown, { condition }: Attempt): boolean {
  // Of an object that is gone a store has no ETag to compare, and says that.
  const isGone = condition.IfMatch !== undefined && meansNoKey(error)
  return isGone || meansConditionFailed(error) || meansConflict(error)
}

/** The stat that the store now tells, or what is known where another version has followed. */
async function statOf(bucket: Bucket, publication: Publication, etag: string | undefined) {
  const { name, version, size, metadata } = publication
  const current = await bucket.head(name).catch(() => null)
  if (isPublished(publication, current)) return current.stat
  const { contentType, visibility, cacheControlMaxAge } = metadata
  return {
    size,
    etag: quoted(etag ?? ''),
    version,
    lastModified: new Date(Math.floor(Date.now() / 1000) * 1000),
    ...(contentType !== undefined && { contentType }),
    visibility,
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
  }
}
