/** @typedef {{ label: string, bars: { name: string, value: number }[] }} Group */

const BAR = 14
const GAP = 22
const LEFT = 170
const WIDTH = 720
const COLOURS = ['#2563eb', '#0891b2', '#059669', '#d97706']
const FONT = 'font-family="system-ui, sans-serif"'

/**
 * Bars in groups, as an SVG that reads on light and on dark. A line stands where a bar is as fast as what it is compared with.
 *
 * @param {string} title
 * @param {readonly Group[]} groups
 */
export function barPlot(title, groups) {
  const most = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)))
  const scale = (WIDTH - LEFT - 60) / most
  let y = 48
  const parts = groups.map(({ label, bars }) => {
    const top = y
    y += bars.length * (BAR + 3) + GAP
    const middle = top + (bars.length * (BAR + 3)) / 2
    return [
      `<text x="12" y="${middle}" font-size="14" font-weight="600" fill="currentColor" dominant-baseline="middle">${label}</text>`,
      ...bars.map(({ name, value }, at) =>
        bar({
          name,
          value,
          x: LEFT,
          y: top + at * (BAR + 3),
          scale,
          colour: COLOURS[at % COLOURS.length] ?? '',
        }),
      ),
    ].join('\n')
  })
  const even = LEFT + scale
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="${title}" ${FONT}>
<style>svg{color:#1f2328}@media (prefers-color-scheme:dark){svg{color:#e6edf3}}</style>
<text x="12" y="24" font-size="15" font-weight="600" fill="currentColor">${title}</text>
<line x1="${even}" x2="${even}" y1="38" y2="${y - GAP + 6}" stroke="currentColor" stroke-dasharray="3 3" opacity=".5"/>
${parts.join('\n')}
</svg>
`
}

/** @param {{ name: string, value: number, x: number, y: number, scale: number, colour: string }} options */
function bar({ name, value, x, y, scale, colour }) {
  return [
    `<text x="${x - 8}" y="${y + BAR - 3}" font-size="12" text-anchor="end" fill="currentColor">${name}</text>`,
    `<rect x="${x}" y="${y}" width="${(value * scale).toFixed(1)}" height="${BAR}" rx="2" fill="${colour}"/>`,
    `<text x="${(x + value * scale + 6).toFixed(1)}" y="${y + BAR - 3}" font-size="12" fill="currentColor">${value.toFixed(2)}×</text>`,
  ].join('\n')
}
