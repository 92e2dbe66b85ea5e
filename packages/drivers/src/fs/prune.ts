import fs from 'node:fs'
import { dirname } from 'node:path'
import { run } from './call.js'

/**
 * Removes `folder` and the folders above it, up to the root, as long as they are empty. A write that needs one of
 * them at this moment makes it again.
 */
export async function pruneFolders(root: string, folder: string): Promise<void> {
  for (let each = folder; each !== root && each.startsWith(root); each = dirname(each)) {
    try {
      await run((done) => fs.rmdir(each, done))
    } catch {
      // Not empty, or not ours to remove: an empty folder is no reason to fail.
      return
    }
  }
}
