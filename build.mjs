// Builds packages into their `dist`: `node build.mjs [NAME…]`, without names all of them. TypeScript checks them and writes
// their declarations; what runs becomes one file an entry point, and one for what entry points share. As a file for each
// module, the core alone would take three times as long to load, and three times the memory.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const ROOT = fileURLToPath(new URL('.', import.meta.url))
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
/** The oldest Node that `engines` names has all of it. */
const TARGET = 'es2022'

const given = process.argv.slice(2)
const names = given.length > 0 ? given : readdirSync(join(ROOT, 'packages'))
const folders = names.map((name) => join('packages', name))
const { status } = spawnSync(process.execPath, [TSC, '-b', ...folders], { cwd: ROOT, stdio: 'inherit' })
if (status !== 0) process.exit(1)
await Promise.all(folders.map((folder) => bundle(join(ROOT, folder))))

async function bundle(folder) {
  const { exports, imports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const input = Object.fromEntries(entryPoints([exports, imports]))
  const build = await rolldown({
    cwd: folder,
    input,
    platform: 'neutral',
    // Also what `imports` of the package maps (`#hmac`): which of them it is, the runtime decides.
    external: (id) => !/^[./]/.test(id),
    transform: { target: TARGET },
  })
  const { output } = await build.generate({
    format: 'esm',
    chunkFileNames: 'shared/[name]-[hash].js',
    sourcemap: true,
    comments: { annotation: true, jsdoc: false, legal: true },
  })
  await build.close()
  const dist = join(folder, 'dist')
  for (const file of output) writeChanged(join(dist, file.fileName), 'code' in file ? file.code : file.source)
  removeOthers(dist, new Set(output.map(({ fileName }) => join(dist, fileName))))
}

/** Each source by the name that its file in `dist` has, of every condition. */
function entryPoints(conditions) {
  if (typeof conditions !== 'object' || conditions === null) return []
  const { source, default: built } = conditions
  if (typeof source === 'string' && typeof built === 'string') {
    return [[built.replace(/^\.\/dist\//, '').replace(/\.js$/, ''), source]]
  }
  return Object.values(conditions).flatMap(entryPoints)
}

/** What is already there may be in use. */
function writeChanged(path, content) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** So that no script stays of a build before. */
function removeOthers(dist, written) {
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, name)
    if (/\.js(?:\.map)?$/.test(name) && !written.has(path)) rmSync(path)
  }
}
