import fs from 'node:fs'
import { call, run } from './call.js'

/** How a small file is written. */
export interface WriteFileOptions {
  /** `w` replaces, `wx` creates only. */
  readonly flag: 'w' | 'wx'
  readonly mode: number
  /** Whether it must outlast a loss of power. Not `flush` of `fs.writeFile`, which early Node 20 does not know. */
  readonly fsync: boolean
}

/** Writes a small file. */
export async function writeFile(path: string, text: string, options: WriteFileOptions): Promise<void> {
  const fd = await call<number>((done) => fs.open(path, options.flag, options.mode, done))
  try {
    await run((done) => fs.writeFile(fd, text, done))
    if (options.fsync) await run((done) => fs.fsync(fd, done))
  } finally {
    await run((done) => fs.close(fd, done))
  }
}
