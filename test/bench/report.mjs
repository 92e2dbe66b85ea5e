/**
 * @typedef {{ name: string, values: (number | string | undefined)[] }} Row
 * @typedef {{ title: string, columns: string[], rows: Row[], notes?: string[] }} Table
 */

/**
 * What a run leaves behind.
 *
 * @typedef {object} Result
 * @property {Record<string, string | number>} machine
 * @property {Record<string, string>} versions of what was measured against
 * @property {{ rounds: number, seconds: Record<string, number> }} run how long each part took
 * @property {Record<string, Table[]>} parts
 */

/**
 * All tables as Markdown, with what they were measured on.
 *
 * @param {Result} result
 */
export function markdown({ machine, versions, run, parts }) {
  const on = `${machine.date} · Node ${machine.node} · ${machine.cpu}, ${machine.cores} cores, ${machine.memory} · ${machine.system}`
  const how = `Medians of ${counted(run.rounds)}, interleaved; the middle half of the rounds lies within ±`
  const took = `Took: ${Object.entries(run.seconds)
    .map(([part, seconds]) => `${part} ${seconds} s`)
    .join(', ')}`
  const against = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const tables = Object.values(parts).flat().map(titledTable)
  return `${[on, how, took, against.join(' · '), ...tables].join('\n\n')}\n`
}

/** @param {number} rounds */
export function counted(rounds) {
  return rounds === 1 ? '1 round' : `${rounds} rounds`
}

/** @param {Table} table */
function titledTable({ title, columns, rows, notes = [] }) {
  const table = tableMarkdown(
    columns,
    rows.map(({ name, values }) => [name, ...values.map(cell)]),
  )
  return [`### ${title}`, table, ...notes].join('\n\n')
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} body
 */
export function tableMarkdown(head, body) {
  const rows = [head, ...body]
  const widths = head.map((_, at) => Math.max(3, ...rows.map((row) => (row[at] ?? '').length)))
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${widths.map((width, at) => (at === 0 ? (row[at] ?? '').padEnd(width) : (row[at] ?? '').padStart(width))).join(' | ')} |`
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...body.map(line)].join('\n')
}

/** @param {number | string | undefined | null} value JSON has `null` for what is not a number */
export function cell(value) {
  if (typeof value === 'string') return value
  if (value === undefined || value === null || Number.isNaN(value)) return ''
  const size = Math.abs(value)
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/**
 * One figure of a result; `undefined` where the run has it not.
 *
 * @param {Pick<Result, 'parts'>} result
 * @param {string} title
 * @param {string} row
 * @param {string} column
 * @returns {number | undefined}
 */
export function figure({ parts }, title, row, column) {
  const table = Object.values(parts)
    .flat()
    .find((each) => each.title === title)
  const at = (table?.columns ?? []).indexOf(column) - 1
  const value = at < 0 ? undefined : table?.rows.find(({ name }) => name === row)?.values[at]
  return typeof value === 'number' ? value : undefined
}
