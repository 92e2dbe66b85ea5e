import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { barPlot } from './plot.mjs'
import { performanceSection, servingPlot } from './readme.mjs'
import { markdown } from './report.mjs'

/** @typedef {import('./report.mjs').Result} Result */

const FOLDER = new URL('results/', import.meta.url)
const README = new URL('../../README.md', import.meta.url)
/** The README shows the least Node that we run on. */
const NODE_OF_README = 20
const BEGIN = '<!-- Written by npm run bench, from here -->\n'
const END = '<!-- to here -->\n'

/**
 * Keeps a whole run, one of each Node, and writes from what is kept the README's plot and section.
 *
 * @param {Result} result
 */
export function keepResult(result) {
  const major = /\d+/.exec(String(result.machine.node))?.[0]
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(new URL(`node-${major}.json`, FOLDER), `${JSON.stringify(result, null, 2)}\n`)
  writeDerived()
}

/** Writes again what follows from the results that are kept. */
export function writeDerived() {
  for (const [file, text] of Object.entries(derived())) writeFileSync(file, text)
}

/**
 * What follows from the results that are kept: the text of each file, by its path.
 *
 * @returns {Record<string, string>}
 */
export function derived() {
  const majors = readdirSync(FOLDER)
    .flatMap((name) => /^node-(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
  const tables = majors.map((major) => [
    new URL(`node-${major}.md`, FOLDER).pathname,
    markdown(resultOf(major)),
  ])
  if (!majors.includes(NODE_OF_README)) return Object.fromEntries(tables)
  const shown = resultOf(NODE_OF_README)
  return {
    ...Object.fromEntries(tables),
    [new URL('serving.svg', FOLDER).pathname]: barPlot(servingPlot(shown)),
    [README.pathname]: withSection(readFileSync(README, 'utf8'), performanceSection(shown, majors)),
  }
}

/** @param {number} major */
function resultOf(major) {
  return /** @type {Result} */ (JSON.parse(readFileSync(new URL(`node-${major}.json`, FOLDER), 'utf8')))
}

/**
 * @param {string} readme
 * @param {string} section
 */
function withSection(readme, section) {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (from === -1 || to < from) throw new Error(`the README has no ${BEGIN.trim()} … ${END.trim()}`)
  return `${readme.slice(0, from + BEGIN.length)}\n${section}\n${readme.slice(to)}`
}
