import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { GOALS, goalTable } from '../bench/goals.mjs'
import { interleave, median, spread } from '../bench/interleave.mjs'
import { derived } from '../bench/keep.mjs'
import { barPlot } from '../bench/plot.mjs'
import { cell, figure, type Result, tableMarkdown } from '../bench/report.mjs'
import { measured, warmUpsOf } from '../bench/serve/compare.mjs'
import { groupsOf } from '../bench/serve/groups.mjs'
import { countsIn, type Load } from '../bench/serve/wrk.mjs'

const results = new URL('../bench/results/', import.meta.url)
const kept: Result = JSON.parse(readFileSync(new URL('node-20.json', results), 'utf8'))

describe('the figures that are kept', () => {
  test.each(Object.entries(derived()))('%s says what they say', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  test('the README has its section and its plot from them, and tells of performance nothing else', () => {
    const paths = Object.keys(derived())
    expect(paths.some((path) => path.endsWith('README.md'))).toBe(true)
    expect(paths.some((path) => path.endsWith('serving.svg'))).toBe(true)
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const section = readme.split('\n## Performance\n')[1]?.split('\n## ')[0]?.trim()
    expect(section).toMatch(/^<!-- Written by npm run bench, from here -->\n[\s\S]*\n<!-- to here -->$/)
  })

  test('they are of a whole run', () => {
    expect(Object.keys(kept.parts)).toEqual(['tokens', 'serve', 'upload', 'memory', 'growth', 'goals'])
    for (const { rows } of Object.values(kept.parts).flat()) expect(rows.length).toBeGreaterThan(0)
  })

  test('each goal finds its figure in them', () => {
    const names = goalTable(kept).rows.map(({ name }) => name)
    expect(names).toEqual(GOALS.filter(({ on = () => true }) => on(20)).map(({ name }) => name))
  })
})

test('a goal is met at its bound, and missed beyond it', () => {
  const met = (value: number) => {
    const rows = [{ name: 'latchkey', values: [1, 0, value] }]
    const table = { title: 'Tokens: mint', columns: ['', 'CPU µs', '± %', 'to one createHmac'], rows }
    return goalTable({ machine: { node: 'v24.1.0' }, parts: { tokens: [table] } }).rows[0]?.values.at(-1)
  }
  expect([met(0.6), met(0.61)]).toEqual(['yes', 'no'])
})

test('what wrk counted is read, and errors are no figures', () => {
  const said = (bytes: number, bad: number) =>
    `Running 2s test @ http://127.0.0.1:1\nRequests/sec: 5\n\nrequests=10 bytes=${bytes} micros=2000000 bad=${bad}\n`
  expect(countsIn(said(300, 0))).toEqual({ requests: 10, bytes: 300, seconds: 2 })
  expect(() => countsIn(said(300, 1))).toThrow('1 of 10')
  expect(() => countsIn(said(0, 0))).toThrow()
  expect(() => countsIn('unable to connect')).toThrow('unable to connect')
})

test('each round begins with another contender', async () => {
  const order: string[] = []
  const measured = await interleave(['a', 'b', 'c'], 2, async (name, round) => {
    order.push(name)
    return round
  })
  expect(order.join('')).toBe('abcbca')
  expect(measured.get('c')).toEqual([0, 1])
})

test('a framework’s two take turns by themselves, with nginx where it is there, and so do the others by twos', () => {
  const names = [
    'node:http pipe',
    'koa-static',
    'latchkey on koa',
    'hono serveStatic',
    'latchkey on hono',
    'x',
    'y',
  ]
  expect(groupsOf([...names, 'nginx secure_link'])).toEqual([
    ['koa-static', 'latchkey on koa', 'nginx secure_link'],
    ['hono serveStatic', 'latchkey on hono', 'nginx secure_link'],
    ['node:http pipe', 'x', 'nginx secure_link'],
    ['y', 'nginx secure_link'],
  ])
  expect(groupsOf(names).flat().sort()).toEqual([...names].sort())
})

test('the loads that warm a group up do not count', async () => {
  const order: string[] = []
  const loads = new Map(
    ['a', 'b', 'c'].map((name) => [
      name,
      async (): Promise<Load> => {
        order.push(name)
        return { requestsPerSecond: 1, megabytesPerSecond: 1, cpuMicros: order.length, cpuMicrosOf: {} }
      },
    ]),
  )
  const groups = [['b', 'c'], ['a']]
  const counted = await measured(loads, { warmUps: 1, rounds: 2, groups })
  expect(order.join('')).toBe('bccbbcaaa')
  const numbers = [...counted].map(([name, each]) => [name, each.map(({ cpuMicros }) => cpuMicros)])
  // By what had run before.
  expect(numbers).toEqual([
    ['a', [8, 9]],
    ['b', [4, 5]],
    ['c', [3, 6]],
  ])
  expect(warmUpsOf({ warmUpSeconds: 6, seconds: 4 })).toBe(2)
})

test('the median, and the middle half around it', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7])
  expect(spread([100, 90, 110, 80, 1000])).toBe(10)
  expect(spread([5])).toBe(0)
})

test('tables, cells and figures', () => {
  expect(tableMarkdown(['', 'a'], [['x', '1.00']])).toBe('|     |    a |\n| --- | ---: |\n| x   | 1.00 |')
  expect([123.4, 12.34, 1.234, -50.5, undefined, Number.NaN, null, '≥ 2'].map(cell)).toEqual([
    '123',
    '12.3',
    '1.23',
    '-50.5',
    '',
    '',
    '',
    '≥ 2',
  ])
  const parts = { a: [{ title: 'T', columns: ['', 'one', 'two'], rows: [{ name: 'r', values: [1, 2] }] }] }
  expect(figure({ parts }, 'T', 'r', 'two')).toBe(2)
  expect([
    figure({ parts }, 'U', 'r', 'two'),
    figure({ parts }, 'T', 's', 'two'),
    figure({ parts }, 'T', 'r', ''),
  ]).toEqual([undefined, undefined, undefined])
})

test('a bar of the plot is as long as its value', () => {
  const svg = barPlot({
    title: ['<a> & b'],
    groups: [{ label: 'g', bars: [1, 2].map((value) => ({ name: `n${value}`, value })) }],
  })
  expect(svg).toContain('&lt;a> &amp; b')
  const [one = 0, two = 0] = [...svg.matchAll(/width="([\d.]+)" height="15"/g)].map(([, width]) =>
    Number(width),
  )
  expect(two).toBeCloseTo(2 * one)
})
