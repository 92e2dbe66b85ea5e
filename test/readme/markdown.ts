import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Every README that is held to these tests, relative to the root. */
export const READMES = [
  'README.md',
  ...['client', 'core', 'drivers', 'express', 'fastify', 'hono', 'koa', 'ledgers', 'testkit'].map(
    (name) => `packages/${name}/README.md`,
  ),
]

/** A fenced block. */
export interface Block {
  readonly readme: string
  /** The heading that it stands under. */
  readonly heading: string
  readonly language: string
  /** What stands behind the language: the name of the file, or of the step; `''` for install lines. */
  readonly name: string
  readonly text: string
  /** Of its first line of text, from 1. */
  readonly line: number
}

/** A table, its cells as they are written. */
export interface Table {
  readonly heading: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What the tests look at in a README. */
export interface Readme {
  readonly path: string
  readonly text: string
  readonly headings: readonly string[]
  readonly blocks: readonly Block[]
  readonly tables: readonly Table[]
}

/** Reads a README: its fenced blocks, its tables and the headings above them. */
export function readReadme(path: string): Readme {
  const text = readFileSync(`${ROOT}/${path}`, 'utf8')
  const headings: string[] = []
  const blocks: Block[] = []
  const tables: { heading: string; header: string[]; rows: string[][] }[] = []
  let fence: { readonly language: string; readonly name: string; readonly line: number } | undefined
  let lines: string[] = []
  let inTable = false
  for (const [at, line] of text.split('\n').entries()) {
    const heading = headings.at(-1) ?? ''
    const mark = /^\s*(?:```+|~~~+)\s*(\S*)\s*(.*)$/.exec(line)
    if (fence !== undefined) {
      if (mark === null) lines.push(line)
      else {
        blocks.push({ readme: path, heading, ...fence, text: `${lines.join('\n')}\n` })
        fence = undefined
      }
    } else if (mark !== null) {
      fence = { language: mark[1] ?? '', name: mark[2] ?? '', line: at + 2 }
      lines = []
    } else if (/^#{1,6} /.test(line)) {
      headings.push(line.replace(/^#+ /, ''))
    } else if (line.startsWith('|')) {
      const cells = line.split('|').slice(1, -1)
      const trimmed = cells.map((cell) => cell.trim())
      if (!inTable) tables.push({ heading, header: trimmed, rows: [] })
      else if (!/^[\s|:-]+$/.test(line)) tables.at(-1)?.rows.push(trimmed)
    }
    inTable = line.startsWith('|')
  }
  if (fence !== undefined) throw new Error(`${path}:${fence.line} is never closed`)
  return { path, text, headings, blocks, tables }
}

/** The table under a heading whose header begins with `first`. */
export function tableUnder(readme: Readme, heading: string, first: string): Table {
  const table = readme.tables.find((each) => each.heading === heading && each.header[0] === first)
  if (table === undefined)
    throw new Error(`${readme.path} has no table of ${first} under the heading ${heading}`)
  return table
}

/** A cell less the marks of code. */
export function plain(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '')
}

/** The fragment that a heading is linked with. */
export function fragmentOf(heading: string): string {
  const kept = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '')
  return kept.replaceAll(' ', '-')
}
