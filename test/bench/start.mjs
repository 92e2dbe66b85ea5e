// What `npm run bench` starts: sees to it that everything is installed, and that what is measured is built from the
// sources as they are, and measures.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installWorkspace } from '../install.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

if (!existsSync(new URL('node_modules', import.meta.url)) && !installWorkspace(ROOT)) process.exit(2)
const { status } = spawnSync(process.execPath, ['build.mjs'], { cwd: ROOT, stdio: 'inherit' })
if (status !== 0) process.exit(2)
await import('./run.mjs')
