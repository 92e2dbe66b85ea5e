import { SECURE_LINK } from './contenders.mjs'
import { PEER_OF } from './hosts.mjs'

/**
 * Who takes turns with whom: a framework's own way with ours, the others by twos, and nginx with each. Of all in one turn a
 * server would idle for half a minute between its loads. After 8 seconds V8 gives memory back, and what a server then takes
 * anew has cost ours on Express a third more CPU at 1 MiB.
 *
 * @param {readonly string[]} names
 * @returns {string[][]}
 */
export function groupsOf(names) {
  const pairs = Object.entries(PEER_OF).map(([own, peer]) =>
    [peer, own].filter((name) => names.includes(name)),
  )
  const groups = pairs.filter((pair) => pair.length > 0)
  const others = names.filter((name) => name !== SECURE_LINK && !pairs.flat().includes(name))
  for (let at = 0; at < others.length; at += 2) groups.push(others.slice(at, at + 2))
  return names.includes(SECURE_LINK) ? groups.map((group) => [...group, SECURE_LINK]) : groups
}
