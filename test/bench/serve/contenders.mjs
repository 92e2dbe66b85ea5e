import { startProgram } from '../program.mjs'
import { hosts } from './hosts.mjs'
import { startBefore, startSecureLink } from './nginx.mjs'
import { targetsIn, targetsInTurn } from './targets.mjs'

const SERVER = new URL('server.mjs', import.meta.url).pathname

export const SECURE_LINK = 'nginx secure_link'
export const ACCEL = 'latchkey on fastify, sent by nginx'
/** With no object kept in memory. */
export const FROM_DISK = 'latchkey on fastify, from the disk'
/** Of which each request asks for another object than the one before. */
export const IN_TURN = 'latchkey on fastify, 1 000 objects in turn'
/** Who is left out on a machine that has no nginx, or one that cannot do it. */
export const NEED_NGINX = [SECURE_LINK, ACCEL]

/**
 * A server that runs. CPU is counted of all its processes, each by its role.
 *
 * @typedef {object} Serving
 * @property {Record<string, number>} pids
 * @property {string} origin
 * @property {Record<string, string[]>} targets paths by the object that they lead to
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} name of the contender
 * @param {string} root
 * @returns {Promise<Serving>}
 */
export function startServing(name, root) {
  if (name === SECURE_LINK) return secureLinkServing(root)
  if (name === FROM_DISK) return nodeServing('latchkey on fastify', root, 'disk')
  if (name === IN_TURN) return nodeServing('latchkey on fastify', root, 'turns')
  return name === ACCEL ? accelServing(root) : nodeServing(name, root)
}

/**
 * @param {string} kind
 * @param {string} root
 * @param {import('./hosts.mjs').Way} [way]
 * @returns {Promise<Serving>}
 */
export async function nodeServing(kind, root, way) {
  if (hosts[kind] === undefined) throw new Error(`there is no server ${kind}`)
  const command = [process.execPath, SERVER, kind, root, ...(way === undefined ? [] : [way])]
  const { pid, ready, stop } = await startProgram(command)
  const { port } = /** @type {{ port: number }} */ (ready)
  const targets = way === 'turns' ? await targetsInTurn() : await targetsIn(root, kind.startsWith('latchkey'))
  return { pids: { app: pid }, origin: `http://127.0.0.1:${port}`, targets, stop }
}

/**
 * @param {string} root
 * @returns {Promise<Serving>}
 */
async function secureLinkServing(root) {
  const { pid, origin, targets, stop } = await startSecureLink(root)
  return { pids: { nginx: pid }, origin, targets, stop }
}

/**
 * @param {string} root
 * @returns {Promise<Serving>}
 */
async function accelServing(root) {
  const app = await nodeServing('latchkey on fastify', root, 'accel')
  const nginx = await startBefore(root, new URL(app.origin).host).catch(async (error) => {
    await app.stop()
    throw error
  })
  const stop = async () => {
    await nginx.stop()
    await app.stop()
  }
  return { pids: { ...app.pids, nginx: nginx.pid }, origin: nginx.origin, targets: app.targets, stop }
}
