import type { GateRequest } from '../../contracts/gate.js'
import type { Grant, LatchkeyErrorCode } from '../../token/index.js'
import { createStopwatch, type Stopwatch, type TimedPart } from './stopwatch.js'

/** What was let in to read an object, and by what. */
export interface Admission {
  readonly key: string
  readonly access: 'cookie' | 'public' | 'token'
  /** `null` for what is public. */
  readonly grant: Grant | null
  /** It gets a page that asks, and nothing of the object. */
  readonly asksFirst?: true
}

/** What is noted of a request while it is decided, for its events and its `Server-Timing`. */
export interface RequestWatch {
  readonly stopwatch: Stopwatch
  /** Whether the client may know how long each part took: only after what it showed was found good. */
  mayKnowTimes: boolean
  admission: Admission | undefined
  /** What the request was last refused as. */
  refusedAs: LatchkeyErrorCode | undefined
  /** Whether the refusal has been told. */
  isReported: boolean
}

// Not handed along: a refusal is told in places that know the request and nothing else.
const watches = new WeakMap<GateRequest, RequestWatch>()

/** Begins to watch a request. */
export function watch(request: GateRequest): RequestWatch {
  const watched: RequestWatch = {
    stopwatch: createStopwatch(),
    mayKnowTimes: false,
    admission: undefined,
    refusedAs: undefined,
    isReported: false,
  }
  watches.set(request, watched)
  return watched
}

/** What is noted of a request; `undefined` for one that did not come through the gate, as that of a signed route. */
export function watchOf(request: GateRequest): RequestWatch | undefined {
  return watches.get(request)
}

/** Has a request that was made from another one share its notes. */
export function watchTogether(request: GateRequest, copy: GateRequest): GateRequest {
  const watched = watches.get(request)
  if (watched !== undefined) watches.set(copy, watched)
  return copy
}

/** Lets the client know the times: what it showed was found good, or it needed nothing. */
export function mayKnowTimes(request: GateRequest): void {
  const watched = watches.get(request)
  if (watched !== undefined) watched.mayKnowTimes = true
}

/** Notes who reads what. */
export function noteAdmission(request: GateRequest, admission: Admission): void {
  const watched = watches.get(request)
  if (watched !== undefined) watched.admission = admission
}

/** Does something, and counts its time to a part. */
export async function timed<T>(request: GateRequest, part: TimedPart, act: () => T | Promise<T>): Promise<T> {
  const stopwatch = watches.get(request)?.stopwatch
  return stopwatch === undefined ? act() : stopwatch.time(part, act)
}
