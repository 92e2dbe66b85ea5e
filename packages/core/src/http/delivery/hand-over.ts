import type { GateReply, GateRequest } from '../../contracts/gate.js'
import type { StoredObject } from '../../contracts/storage-driver.js'
import type { Grant } from '../../token/index.js'

/** A download that was allowed and found, before its first byte is read. */
export interface Delivery {
  readonly request: GateRequest
  readonly key: string
  readonly object: StoredObject
  /** Of the whole object, by a 200. */
  readonly headers: Readonly<Record<string, string>>
  /** `null` for a public object that was asked for without a token. */
  readonly grant: Grant | null
}

/** Has somebody else send the bytes; `undefined` where that could not be done as promised, so that they are streamed. */
export type HandOver = (delivery: Delivery) => Promise<GateReply | undefined>
