/** @typedef {{ label: string, bars: { name: string, value: number }[] }} Group */

const WIDTH = 400
const MARGIN = 14
const BAR_LEFT = 84
const BAR_HEIGHT = 15
const BAR_STEP = 19
const GROUP_HEAD = 24
const GROUP_GAP = 12
const COLOURS = ['var(--a)', 'var(--b)', 'var(--c)', 'var(--d)']

/**
 * Bars in groups, as an SVG. A line stands where a bar is as good as what it is compared with. Narrow, so that its letters
 * stay large on a phone, and with a ground of its own: a page that is dark for another reason than the system leaves it legible.
 *
 * @param {{ title: readonly string[], groups: readonly Group[] }} plot
 */
export function barPlot({ title, groups }) {
  const most = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)))
  const scale = (WIDTH - BAR_LEFT - MARGIN - 48) / most
  const even = BAR_LEFT + scale
  let y = MARGIN + title.length * 19 + 8
  const top = y
  const parts = []
  for (const { label, bars } of groups) {
    parts.push(`<text x="${MARGIN}" y="${y + 16}" class="strong">${escaped(label)}</text>`)
    y += GROUP_HEAD
    for (const [at, { name, value }] of bars.entries()) {
      parts.push(bar({ name, value, y, scale, colour: COLOURS[at % COLOURS.length] ?? '' }))
      y += BAR_STEP
    }
    y += GROUP_GAP
  }
  const line = `M${even.toFixed(1)} ${top}V${y - GROUP_GAP}`
  const height = y + 12
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title.join(' '))}">
<style>
svg{--ground:#fff;--ink:#1f2328;--edge:#d1d9e0;--a:#2563eb;--b:#0e7490;--c:#15803d;--d:#b45309}
@media (prefers-color-scheme:dark){svg{--ground:#0d1117;--ink:#e6edf3;--edge:#3d444d;--a:#60a5fa;--b:#22d3ee;--c:#4ade80;--d:#fbbf24}}
text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:var(--ink)}
.strong{font-weight:600}
</style>
<rect x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="6" fill="var(--ground)" stroke="var(--edge)"/>
${title.map((text, at) => `<text x="${MARGIN}" y="${MARGIN + 14 + at * 19}"${at === 0 ? ' class="strong"' : ''}>${escaped(text)}</text>`).join('\n')}
${parts.join('\n')}
<path d="${line}" stroke="var(--ink)" stroke-dasharray="3 3" fill="none"/>
<text x="${even.toFixed(1)}" y="${y + 2}" text-anchor="middle">1×</text>
</svg>
`
}

/** @param {{ name: string, value: number, y: number, scale: number, colour: string }} options */
function bar({ name, value, y, scale, colour }) {
  const middle = y + BAR_HEIGHT - 3
  // Beside a bar that does not reach the line, the figure stands behind the line.
  const end = BAR_LEFT + Math.max(1, value) * scale
  return [
    `<text x="${BAR_LEFT - 8}" y="${middle}" text-anchor="end">${escaped(name)}</text>`,
    `<rect x="${BAR_LEFT}" y="${y}" width="${(value * scale).toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`,
    `<text x="${(end + 6).toFixed(1)}" y="${middle}">${value.toFixed(1)}×</text>`,
  ].join('\n')
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
