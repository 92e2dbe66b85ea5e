// `npm run bench`: measures everything; `npm run bench -- tokens serve`: some of it. Prints Markdown. What a whole run
// found goes beside JSON and a plot into `results/`, and from there into the README.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { goalTable } from './goals.mjs'
import { keepResult, writeDerived } from './keep.mjs'
import { machine, versions } from './machine.mjs'
import { benchMemory } from './memory.mjs'
import { markdown } from './report.mjs'
import { benchServe } from './serve/bench.mjs'
import { benchGrowth } from './serve/growth.mjs'
import { findWrk } from './serve/wrk.mjs'
import { benchTokens } from './tokens/bench.mjs'
import { benchUpload } from './upload/bench.mjs'

/** @type {Record<string, { needsWrk?: true, measure: (options: { rounds: number }) => Promise<import('./report.mjs').Table[]> }>} */
const PARTS = {
  tokens: { measure: benchTokens },
  serve: { needsWrk: true, measure: benchServe },
  upload: { measure: benchUpload },
  memory: { needsWrk: true, measure: benchMemory },
  growth: { needsWrk: true, measure: benchGrowth },
}
const USAGE = `npm run bench -- [--rounds 5] [--node PATH] [--readme] [${Object.keys(PARTS).join('] [')}]`

const { chosen, rounds, node, readme } = readArguments()
if (readme) {
  // Measures nothing.
  writeDerived()
  process.exit()
}
if (node !== undefined) process.exit(underOther(node))
requireTools()
// Servers and folders go when a run is given up, too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

/** @type {Record<string, import('./report.mjs').Table[]>} */
const parts = {}
/** @type {Record<string, number>} */
const seconds = {}
for (const name of chosen) {
  console.error(`measuring ${name} …`)
  const before = performance.now()
  parts[name] = (await PARTS[name]?.measure({ rounds })) ?? []
  seconds[name] = Math.ceil((performance.now() - before) / 1000)
  console.error(`${name} took ${seconds[name]} s`)
}
const measured = { machine: machine(), versions: versions(), run: { rounds, seconds }, parts }
const result = { ...measured, parts: { ...parts, goals: [goalTable(measured)] } }
console.log(markdown(result))
// What is kept is of one run and one state of the code, never pieced together.
if (chosen.length === Object.keys(PARTS).length) keepResult(result)

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '5' },
        node: { type: 'string' },
        readme: { type: 'boolean' },
      },
    })
    const chosen = positionals.length === 0 ? Object.keys(PARTS) : [...new Set(positionals)]
    const rounds = Number(values.rounds)
    const unknown = chosen.find((name) => PARTS[name] === undefined)
    if (unknown !== undefined) throw new Error(`there is no part ${unknown}`)
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1')
    return { chosen, rounds, node: values.node, readme: values.readme }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    process.exit(2)
  }
}

/**
 * The same run under another Node: all of it, as servers are started with the Node that measures.
 *
 * @param {string} path
 */
function underOther(path) {
  const args = ['--no-warnings', fileURLToPath(import.meta.url), `--rounds=${rounds}`, ...chosen]
  const { status, error } = spawnSync(path, args, { stdio: 'inherit' })
  if (error !== undefined) console.error(`--node ${path}: ${error.message}`)
  return status ?? 2
}

function requireTools() {
  const wrk = findWrk()
  const needing = chosen.find((name) => PARTS[name]?.needsWrk)
  if (needing !== undefined && 'missing' in wrk) {
    console.error(`${needing} needs wrk: ${wrk.missing}`)
    process.exit(2)
  }
  // The CPU and the memory of servers are read in `/proc`.
  if (process.platform !== 'linux' && chosen.some((name) => name !== 'tokens')) {
    console.error('Only the tokens are measured here: npm run bench -- tokens. The other parts need Linux.')
    process.exit(2)
  }
}
