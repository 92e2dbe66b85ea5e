import type { MintIntent } from '../../contracts/authorize.js'
import type { GateRequest } from '../../contracts/gate.js'
import type { GateSettings } from '../gate-settings.js'

/** A request to mint, and who decides about it. */
export interface MintingCall {
  readonly request: GateRequest
  readonly settings: GateSettings
  /** The hook, bound to its request. What it returns is the app's and not believed to have its type. */
  readonly authorize: (intent: MintIntent) => unknown
}

/** What a request that was understood asks for: nothing is decided yet. */
export interface MintingPlan {
  /** What it costs at the rate limiter. */
  readonly points: number
  /** Asks the hook and mints; gives the body of the answer. */
  mint(): Promise<Readonly<Record<string, unknown>>>
}
