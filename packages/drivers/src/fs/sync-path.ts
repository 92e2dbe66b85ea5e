import fs from 'node:fs'
import { call, errnoOf, run } from './call.js'

/** Makes the entries of a folder durable. Windows cannot open a folder and needs no such call. */
export async function syncPath(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  let fd: number
  try {
    fd = await call<number>((done) => fs.open(folder, fs.constants.O_RDONLY, done))
  } catch (error) {
    // Pruned in the meantime: its removal is its parent's entry.
    if (errnoOf(error) === 'ENOENT') return
    throw error
  }
  try {
    await run((done) => fs.fsync(fd, done))
  } finally {
    await run((done) => fs.close(fd, done))
  }
}
