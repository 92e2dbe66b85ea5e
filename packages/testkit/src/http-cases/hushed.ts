import assert from 'node:assert/strict'

/** What a failing storage says, and no client may read. */
export const HUSH = 'hush: ENOSPC at /srv/private/data/a.bin'

/** Asserts that a text has nothing of `HUSH`, nor of a stack. */
export function assertHushed(text: string): void {
  assert.ok(!/hush|ENOSPC|srv|private\/data|\n\s+at |\.ts:\d/.test(text), text)
}

/** Options for cases that provoke faults, so that they print nothing. */
export const QUIET = { onError: () => {} } as const
