// `npm test`: sets up what it needs, runs every check, and ends with the line "N passed, N failed".
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ensureChromium } from './chromium.mjs'
import { ensureDownloaders } from './downloaders/programs.mjs'
import { ensureEngines } from './engines/programs.mjs'
import { ensureFfmpeg } from './ffmpeg.mjs'
import { installWorkspace } from './install.mjs'
import { ensureNewerNode } from './newer-node.mjs'
import { ensurePython } from './python.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = new URL('.output/', import.meta.url)
const resultFile = new URL('result.json', output)
const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url))
const VITEST = 'node_modules/vitest/vitest.mjs'

let passed = 0
let failed = 0

function check(name, command, args, cwd = root) {
  console.log(`\n── ${name}`)
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  const ok = status === 0 && error === undefined
  if (ok) passed++
  else {
    failed++
    console.log(`✗ ${name}${error === undefined ? '' : `: ${error.message}`}`)
  }
  return ok
}

function runTests(name, node, paths = []) {
  console.log(`\n── ${name}`)
  rmSync(resultFile, { force: true })
  const { status } = spawnSync(node, [VITEST, 'run', '--config', 'test/vitest.config.ts', ...paths], {
    cwd: root,
    stdio: 'inherit',
  })
  if (!existsSync(resultFile)) {
    failed++
    console.log('✗ the test runner ended without a result')
    return
  }
  const result = JSON.parse(readFileSync(resultFile, 'utf8'))
  passed += result.passed
  failed += result.failed
  if (result.passed === 0 || (status !== 0 && result.failed === 0)) {
    failed++
    console.log('✗ the test runner failed, or ran no test')
  }
}

function finish() {
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exit(failed === 0 && passed > 0 ? 0 : 1)
}

process.chdir(root)
mkdirSync(output, { recursive: true })

if (!installWorkspace(root)) {
  failed++
  finish()
}
if (!check('build', process.execPath, ['build.mjs'])) finish()
check('types', bin('tsc'), ['-b', 'test'])
check('types of the examples', bin('tsc'), ['-p', 'examples'])
check('types of the benchmarks', bin('tsc'), ['-p', 'test/bench'])
check('types of the demo page', bin('tsc'), ['-p', 'examples/demo/public'])
check('types of the Uppy page', bin('tsc'), ['-p', 'examples/uppy/public'])
check('format and lint', bin('biome'), [
  'ci',
  '--error-on-warnings',
  '--diagnostic-level=warn',
  '--colors=off',
  '.',
])
check('unused code and dependencies', bin('knip'), [])
for (const folder of packageFolders()) {
  check(`package ${folder}`, bin('publint'), ['--strict', '--pack', 'npm'], `${root}/${folder}`)
  check(`types of ${folder}`, bin('attw'), ['--pack', '.', '--profile', 'esm-only'], `${root}/${folder}`)
}

// Tests that find their tool missing are skipped by name, with the line that would install it.
const newerNode = await ensureNewerNode()
const tools = [await ensureChromium(), await ensureFfmpeg(), await ensurePython(), newerNode]
for (const tool of [...tools, ...(await ensureEngines()), ...(await ensureDownloaders())]) {
  if ('missing' in tool) console.log(`\n${tool.missing}`)
}
runTests('tests', process.execPath)
// What Node's own streams and HTTP do differs between its versions.
const ON_NEWER_NODE = 'tests of what depends on Node, on a newer one'
if ('missing' in newerNode) {
  console.log(`\nSKIPPED ${ON_NEWER_NODE}: ${newerNode.missing}`)
  if (process.env.CI === 'true') failed++
} else if (newerNode.path !== process.execPath) {
  runTests(ON_NEWER_NODE, newerNode.path, [
    'packages/core/test/node-',
    'packages/drivers/test/fs-contract',
    'test/conformance/http-fs',
    'test/frameworks',
  ])
}
finish()

function packageFolders() {
  return readdirSync(new URL('../packages/', import.meta.url)).map((name) => `packages/${name}`)
}
