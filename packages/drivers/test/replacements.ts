import { renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fsDriver } from '@latchkey/drivers/fs'
import { writeText } from './texts.js'

/** How an object changes, and what makes it so. */
export type Change = readonly [how: string, change: (root: string, text: string) => void | Promise<void>]

/** How another file may come to be the object `object`, without its driver being told. */
export const REPLACEMENTS: readonly Change[] = [
  [
    'replaced by another process',
    async (root, text) => {
      await writeText(fsDriver({ root }), 'object', text)
    },
  ],
  [
    'replaced by a rename',
    (root, text) => {
      writeFileSync(join(root, 'new'), text)
      renameSync(join(root, 'new'), join(root, 'object'))
    },
  ],
  [
    'a link that leads elsewhere now',
    (root, text) => {
      writeFileSync(join(root, 'new'), text)
      unlinkSync(join(root, 'object'))
      symlinkSync('new', join(root, 'object'))
    },
  ],
]
