import type { DownloadClaim } from '@latchkey/core'

const LONGEST_WINDOW_S = 604_800

/**
 * Whether the numbers of a claim are what the contract says. One that is not is refused before it reaches a store: in
 * comparisons `NaN` is neither more nor less, so that a limit or an end of that kind could hold for ever.
 */
export function isCountable({ limit, expiresAt, resume }: Omit<DownloadClaim, 'attempt'>): boolean {
  if (!isWholeNumber(limit) || !isWholeNumber(expiresAt)) return false
  return resume === undefined || (isWholeNumber(resume.seconds) && resume.seconds <= LONGEST_WINDOW_S)
}

function isWholeNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}
