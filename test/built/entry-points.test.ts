import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const PACKAGES = new URL('../../packages/', import.meta.url)

interface EntryPoint {
  readonly name: string
  readonly source: URL
  readonly built: URL
}

describe.each(readdirSync(PACKAGES).flatMap(entryPointsOf))('$name', ({ source, built }) => {
  test('has, as it is built, what its source exports', async () => {
    const [expected, actual] = await Promise.all([import(source.href), import(built.href)])
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
  })
})

test('the entry points of the core have one error class and one kind of shared bytes between them', async () => {
  const built = (path: string) => import(new URL(`core/dist/${path}`, PACKAGES).href)
  const [core, token] = await Promise.all([built('index.js'), built('token/index.js')])
  expect(core.LatchkeyError).toBe(token.LatchkeyError)
  const { nodeStream } = await built('node/index.js')
  const shared = new core.SharedBytes(new Uint8Array([1]))
  expect(nodeStream(shared).constructor.name).toBe('SharedStream')
})

function entryPointsOf(folder: string): EntryPoint[] {
  const home = new URL(`${folder}/`, PACKAGES)
  const { name, exports } = JSON.parse(readFileSync(new URL('package.json', home), 'utf8'))
  return Object.entries<{ source: string; default: string }>(exports).map(([path, conditions]) => ({
    name: name + path.slice(1),
    source: new URL(conditions.source, home),
    built: new URL(conditions.default, home),
  }))
}
