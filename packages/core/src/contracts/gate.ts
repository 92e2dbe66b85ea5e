import type { Decision, MintIntent } from './authorize.js'
import type { Bytes } from './bytes.js'

/** A request as an adapter hands it to the core. */
export interface GateRequest {
  /** The method as the client sent it, upper case. */
  readonly method: string
  /** The path relative to the mount as it came off the wire: undecoded, beginning with `/`, with the query. */
  readonly path: string
  /**
   * A header's value, or `undefined`. `name` is lower case. Where a client sent a header twice, the values come
   * joined by `, `, also for headers of which a framework would keep only the first.
   */
  header(name: string): string | undefined
  /**
   * The client's address, as the framework has it: behind a proxy that it trusts, what the proxy says. `undefined`, or no
   * such function, where there is none: then nothing that needs an address is granted.
   */
  address?(): string | undefined
  /**
   * The body, or `null` where there is none. Leaving the iteration early must not destroy the connection, and a
   * second iteration must go on where the first one stopped.
   */
  readonly body: Bytes | null
  /** Whether something (a body parser, as a rule) has begun to read the body before Latchkey. */
  readonly bodyAlreadyRead: boolean
  /**
   * Called when the body is refused. What is read of it from then on is dropped, so the client must not be asked to
   * send it (`100 Continue`), not even where the framework reads the reply before it sends the reply's header.
   */
  refuseBody?(): void
  /** Aborted when the client goes away before the reply is complete. */
  readonly signal?: AbortSignal
  /** The `authorize` that the adapter was given, bound to the framework's own request; wins over the mount's. */
  readonly authorize?: (intent: MintIntent) => Decision | Promise<Decision>
}

/** What the core decided; an adapter writes it and decides nothing. */
export interface GateReply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Strings are UTF-8. A body that is an iterable releases what it holds when its iterator's `return` is called. */
  readonly body: Bytes | Uint8Array | string | null
}
