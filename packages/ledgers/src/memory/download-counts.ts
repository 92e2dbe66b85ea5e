import type { DownloadClaim, Ledger } from '@latchkey/core'
import { isCountable } from '../countable.js'
import { FadingMap } from './fading-map.js'

const ATTEMPT_KEPT_MS = 5 * 60_000

interface Count {
  used: number
  /** Unix seconds. */
  expiresAt: number
}

interface Window {
  readonly openedBy: string
  /** Milliseconds. */
  readonly closesAt: number
}

interface Attempt {
  /** Whether it took a use that a release gives back: not once another attempt has joined its window. */
  readonly tookOne: boolean
  /** Milliseconds. */
  readonly keptUntil: number
}

/** How many downloads were taken, by id. Without an `await` nothing comes between look and change: so each is atomic. */
export function downloadCounts(now: () => number): Pick<Ledger, 'claim' | 'release' | 'isSpent'> {
  const counts = new FadingMap<Count>(({ expiresAt }) => expiresAt * 1000 <= now())
  const windows = new FadingMap<Window>(({ closesAt }) => closesAt <= now())
  const attempts = new FadingMap<Attempt>(({ keptUntil }) => keptUntil <= now())

  return {
    async claim(claim) {
      const { attempt, expiresAt, id, resume } = claim
      if (!isCountable(claim)) return false
      if (attempts.get(attemptName(claim)) !== undefined) return true
      const count = counts.get(id)
      // Two callers that differ: the longer memory is the safe one.
      if (count !== undefined) count.expiresAt = Math.max(count.expiresAt, expiresAt)
      const window = openWindow(claim)
      if (window !== undefined) settle(nameOf(id, window.openedBy))
      else if (!hasUseLeft(claim)) return false
      else if (count === undefined) counts.set(id, { used: 1, expiresAt })
      else count.used++
      attempts.set(attemptName(claim), { tookOne: window === undefined, keptUntil: now() + ATTEMPT_KEPT_MS })
      if (window === undefined && resume !== undefined) {
        const closesAt = now() + resume.seconds * 1000
        windows.set(windowName(id, resume.client), { openedBy: attempt, closesAt })
      }
      return true
    },
    async release(claim) {
      const { attempt, id, resume } = claim
      const known = attempts.get(attemptName(claim))
      attempts.delete(attemptName(claim))
      if (known?.tookOne !== true) return
      const window = resume && windows.get(windowName(id, resume.client))
      if (window?.openedBy === attempt) windows.delete(windowName(id, resume?.client ?? ''))
      const count = counts.get(id)
      if (count !== undefined) count.used--
    },
    async isSpent(claim) {
      return !isCountable(claim) || (openWindow(claim) === undefined && !hasUseLeft(claim))
    },
  }

  function settle(opener: string): void {
    const known = attempts.get(opener)
    if (known !== undefined) attempts.set(opener, { ...known, tookOne: false })
  }

  function hasUseLeft({ id, limit, expiresAt }: Omit<DownloadClaim, 'attempt'>): boolean {
    return now() < expiresAt * 1000 && (counts.get(id)?.used ?? 0) < limit
  }

  function openWindow({ id, resume }: Omit<DownloadClaim, 'attempt'>): Window | undefined {
    return resume?.joins === true ? windows.get(windowName(id, resume.client)) : undefined
  }
}

function attemptName({ id, attempt }: DownloadClaim): string {
  return nameOf(id, attempt)
}

function windowName(id: string, client: string): string {
  return nameOf(id, client)
}

/** With the length, so that no two pairs have one name. */
function nameOf(id: string, other: string): string {
  return `${id.length} ${id}${other}`
}
