const GRACE_MS = 2000

/**
 * Ends the server on Ctrl-C or a `kill`: transfers under way get a moment, then they are cut off, which leaves
 * nothing of an upload behind.
 *
 * @param {import('node:http').Server} server
 */
export function stopOnSignal(server) {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      server.close()
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), GRACE_MS).unref()
    })
  }
}
