const EVERY_MS = 200

/** @type {Set<() => void>} */
const listeners = new Set()

/**
 * Calls back a few times a second.
 *
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function onTick(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

setInterval(() => {
  for (const listener of [...listeners]) listener()
}, EVERY_MS)
