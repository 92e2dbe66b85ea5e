import type { GateRequest } from '../../contracts/gate.js'
import type { Grant, LatchkeyErrorCode } from '../../token/index.js'
import { Stopwatch, type TimedPart } from './stopwatch.js'

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
export class RequestWatch {
  readonly stopwatch = new Stopwatch()
  /** Whether the client may know how long each part took: only after what it showed was found good. */
  mayKnowTimes = false
  admission: Admission | undefined = undefined
  /** What the request was last refused as. */
  refusedAs: LatchkeyErrorCode | undefined = undefined
  /** Whether the refusal has been told. */
  isReported = false
}

const WATCH = Symbol('latchkey')

interface Watched extends GateRequest {
  [WATCH]?: RequestWatch
}

// Kept at the request and not handed along: a refusal is told in places that know the request and nothing else. One that
// an adapter of the app's own has frozen takes no note, and so costs the collector more.
const frozen = new WeakMap<GateRequest, RequestWatch>()

function note(request: Watched, watched: RequestWatch): void {
  if (Object.isExtensible(request)) request[WATCH] = watched
  else frozen.set(request, watched)
}

/** Begins to watch a request. */
export function watch(request: GateRequest): RequestWatch {
  const watched = new RequestWatch()
  note(request, watched)
  return watched
}

/** What is noted of a request; `undefined` for one that did not come through the gate, as that of a signed route. */
export function watchOf(request: Watched): RequestWatch | undefined {
  return request[WATCH] ?? frozen.get(request)
}

/** Has a request that was made from another one share its notes. */
export function watchTogether(request: GateRequest, copy: GateRequest): GateRequest {
  const watched = watchOf(request)
  if (watched !== undefined) note(copy, watched)
  return copy
}

/** Lets the client know the times: what it showed was found good, or it needed nothing. */
export function mayKnowTimes(request: GateRequest): void {
  const watched = watchOf(request)
  if (watched !== undefined) watched.mayKnowTimes = true
}

/** Notes who reads what. */
export function noteAdmission(request: GateRequest, admission: Admission): void {
  const watched = watchOf(request)
  if (watched !== undefined) watched.admission = admission
}

/** Does something, and counts its time to a part. */
export function timed<T>(request: GateRequest, part: TimedPart, act: () => T | Promise<T>): T | Promise<T> {
  const stopwatch = watchOf(request)?.stopwatch
  return stopwatch === undefined ? act() : stopwatch.time(part, act)
}
