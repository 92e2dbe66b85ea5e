/**
 * @typedef {{ name: string, values: (number | undefined)[] }} Row
 * @typedef {{ title: string, columns: string[], rows: Row[] }} Table
 * @typedef {{ machine: Record<string, string | number>, versions: Record<string, string>, tables: Table[] }} Result
 */

/**
 * All tables as Markdown, with what they were measured on.
 *
 * @param {Result} result
 */
export function markdown({ machine, versions, tables }) {
  const on = `${machine.date} · Node ${machine.node} · ${machine.cpu}, ${machine.cores} cores, ${machine.memory} · ${machine.system}`
  const against = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${[on, against.join(' · '), ...tables.map(tableMarkdown)].join('\n\n')}\n`
}

/** @param {Table} table */
function tableMarkdown({ title, columns, rows }) {
  const cells = [columns, ...rows.map(({ name, values }) => [name, ...values.map(rounded)])]
  const widths = columns.map((_, at) => Math.max(3, ...cells.map((row) => (row[at] ?? '').length)))
  const line = (/** @type {string[]} */ row) =>
    `| ${widths.map((width, at) => (at === 0 ? (row[at] ?? '').padEnd(width) : (row[at] ?? '').padStart(width))).join(' | ')} |`
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  const [head = [], ...body] = cells
  return [`### ${title}`, '', line(head), rule, ...body.map(line)].join('\n')
}

/** @param {number | undefined} value */
function rounded(value) {
  if (value === undefined || Number.isNaN(value)) return ''
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
