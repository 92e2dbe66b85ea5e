import fs from 'node:fs'
import { FileStorage } from '@flystorage/file-storage'
import { LocalStorageAdapter } from '@flystorage/local-fs'
import type { StorageDriver } from '@latchkey/core'
import { flydriveDriver } from '@latchkey/drivers/flydrive'
import { flystorageDriver } from '@latchkey/drivers/flystorage'
import { unstorageDriver } from '@latchkey/drivers/unstorage'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { createStorage } from 'unstorage'
import fsItems from 'unstorage/drivers/fs'

/** An upload that hangs when most of it has come, until the process is killed. */
export interface LibraryTask {
  readonly library: string
  readonly root: string
  readonly key: string
  readonly until: 'received'
}

function driverOf({ library, root }: LibraryTask): StorageDriver {
  if (library === 'flydrive') {
    return flydriveDriver(new Disk(new FSDriver({ location: root, visibility: 'private' })))
  }
  if (library === 'flystorage') {
    return flystorageDriver(new FileStorage(new LocalStorageAdapter(root)), { folder: root })
  }
  return unstorageDriver(createStorage({ driver: fsItems({ base: root }) }), { folder: root })
}

const task: LibraryTask = JSON.parse(process.argv[2] ?? '')

async function* body() {
  yield Buffer.alloc(3_000_000, 'x')
  // unstorage has it in memory; of the others the first batch is in a file.
  while (task.library !== 'unstorage' && fs.readdirSync(`${task.root}/.latchkey/tmp`).length === 0)
    await new Promise((go) => setTimeout(go, 5))
  console.log(JSON.stringify('hanging'))
  await new Promise((go) => setTimeout(go, 60_000))
}

await driverOf(task).write(task.key, body(), { contentType: 'text/plain', visibility: 'private' })
