import fs, { type BigIntStats, type StatsFs } from 'node:fs'
import { call } from './call.js'

// The numbers of linux/magic.h. Here a stat tells of every change that was made before it. Over a network (NFS, SMB, CephFS)
// or out of a virtual machine (9p, virtiofs, and all of FUSE) it may tell what was so a while ago.
const LOCAL = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs
])

/** The device of a folder on a file system that is known to be local; `undefined` for any other, and off Linux. */
export async function localDevice(folder: string): Promise<bigint | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    const { type } = await call<StatsFs>((done) => fs.statfs(folder, done))
    if (!isLocal(type)) return undefined
    const { dev } = await call<BigIntStats>((done) => fs.stat(folder, { bigint: true }, done))
    return dev
  } catch {
    // Where it cannot be told, as in a sandbox without the call, there is less speed and nothing else.
    return undefined
  }
}

/** Whether a file system of this type, as `statfs` tells it, is known to be local. */
export function isLocal(type: number): boolean {
  return LOCAL.has(type)
}
