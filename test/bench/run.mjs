// `npm run bench`: measures everything; `npm run bench -- tokens serve`: some of it. Prints Markdown, and writes it beside
// JSON and plots into `results/`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine, versions } from './machine.mjs'
import { barPlot } from './plot.mjs'
import { markdown } from './report.mjs'
import { benchDownloadMemory, benchGrowth, benchServe } from './serve/bench.mjs'
import { benchTokens } from './tokens.mjs'
import { benchUpload } from './upload/bench.mjs'

/** @type {Record<string, { needs?: string, measure: (options: { rounds: number }) => Promise<import('./report.mjs').Table[]> }>} */
const PARTS = {
  tokens: { measure: benchTokens },
  serve: { needs: 'wrk', measure: benchServe },
  upload: { measure: benchUpload },
  memory: { needs: 'wrk', measure: benchDownloadMemory },
  growth: { needs: 'wrk', measure: benchGrowth },
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
})
const chosen = positionals.length === 0 ? Object.keys(PARTS) : positionals
const rounds = Number(values.rounds)
const unknown = chosen.find((name) => PARTS[name] === undefined)
if (unknown !== undefined || !(rounds >= 1)) {
  console.error(`npm run bench -- [--rounds 5] [${Object.keys(PARTS).join('] [')}]`)
  process.exit(2)
}
requireTools()

const folder = new URL('results/', import.meta.url)
const resultFile = new URL('result.json', folder)
/** @type {Record<string, import('./report.mjs').Table[]>} */
const parts = {}
for (const name of chosen) {
  console.error(`measuring ${name} …`)
  parts[name] = (await PARTS[name]?.measure({ rounds })) ?? []
}
const result = { machine: machine(), versions: versions(), parts }
const tables = Object.values(parts).flat()
console.log(markdown({ ...result, tables }))
// What is kept is of one run and one state of the code, never pieced together.
if (chosen.length === Object.keys(PARTS).length) keep()

function keep() {
  mkdirSync(folder, { recursive: true })
  writeFileSync(resultFile, `${JSON.stringify(result, null, 2)}\n`)
  writeFileSync(new URL('result.md', folder), markdown({ ...result, tables }))
  writeFileSync(new URL('serving.svg', folder), servingPlot())
}

function servingPlot() {
  const sizes = ['1 KiB', '64 KiB', '1 MiB', '100 MiB']
  const groups = sizes.map((size) => {
    const rows = parts.serve?.find(({ title }) => title === `Serving ${size}`)?.rows ?? []
    return {
      label: size,
      bars: rows.flatMap(({ name, values }) => {
        const ratio = values[3]
        return ratio === undefined ? [] : [{ name: name.replace('latchkey on ', ''), value: ratio }]
      }),
    }
  })
  return barPlot(
    'Signed downloads: requests per second, to the framework’s own unsigned static files',
    groups,
  )
}

function requireTools() {
  for (const name of chosen) {
    const tool = PARTS[name]?.needs
    if (tool === undefined || spawnSync(tool, ['--version']).error === undefined) continue
    console.error(`${name} needs ${tool}: sudo apt-get install ${tool}`)
    process.exit(2)
  }
  const build = fileURLToPath(new URL('../../packages/core/dist/index.js', import.meta.url))
  if (!existsSync(build)) {
    console.error('The packages are not built: npm run build')
    process.exit(2)
  }
}
