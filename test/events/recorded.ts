import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { MintedEvent, ReceivedEvent, RefusedEvent, RemovedEvent, ServedEvent } from '@latchkey/core'
import { onTestFinished } from 'vitest'

/** The events by the name behind `latchkey:`. */
export interface Events {
  readonly minted: MintedEvent
  readonly served: ServedEvent
  readonly received: ReceivedEvent
  readonly removed: RemovedEvent
  readonly refused: RefusedEvent
}

/** What has been told, in its order. */
export type Told = {
  [Name in keyof Events]: { readonly name: Name; readonly event: Events[Name] }
}[keyof Events]

const NAMES = ['minted', 'served', 'received', 'removed', 'refused'] as const

/** Writes down the events until the test is over. */
export function recordEvents(): Told[] {
  const told: Told[] = []
  for (const name of NAMES) {
    const listen = (event: unknown) => void told.push({ name, event } as Told)
    subscribe(`latchkey:${name}`, listen)
    onTestFinished(() => void unsubscribe(`latchkey:${name}`, listen))
  }
  return told
}

/** Those of one channel. */
export function eventsOf<Name extends keyof Events>(told: readonly Told[], name: Name): Events[Name][] {
  return told.flatMap((one) => (one.name === name ? [one.event as Events[Name]] : []))
}
