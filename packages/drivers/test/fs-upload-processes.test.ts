import type { UploadedPart } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import { runChild, useChildScript } from './child-process.js'
import type { UploadTask } from './children/upload-child.js'
import { leftoversIn } from './fs-context.js'
import { PLENTY, setUp, zeros } from './upload-context.js'

const script = useChildScript('upload-child')

describe('several processes', () => {
  it('store the parts of one upload side by side', async () => {
    const { root, multipart, create } = setUp()
    const uploadId = await create('shared')
    const at = Date.now() + 1500
    const stored = await Promise.all(
      [0, 1, 2, 3].map((process) => {
        const numbers = [1, 2, 3, 4, 5].map((each) => process * 5 + each)
        return runChild<UploadedPart[]>(script(), {
          type: 'parts',
          root,
          key: 'shared',
          uploadId,
          numbers,
          at,
        })
      }),
    )
    const list = stored.flat().sort((a, b) => a.partNumber - b.partNumber)
    expect(await multipart.listParts('shared', uploadId)).toEqual(list)
    let seen = 0
    const onBytes = (chunk: Uint8Array) => {
      for (const byte of chunk) {
        if (byte !== 1 + Math.floor(seen++ / 100_000)) throw new Error(`a foreign byte at ${seen}`)
      }
    }
    expect((await multipart.complete('shared', uploadId, list, { ...PLENTY, onBytes })).stat.size).toBe(
      2_000_000,
    )
    expect(leftoversIn(root)).toEqual([])
  })

  it('keep to the limit over all parts together', async () => {
    const { root, multipart, create } = setUp()
    const uploadId = await create('limited')
    const task = { type: 'parts', root, key: 'limited', uploadId, maxTotal: 750_000 } as const
    const at = Date.now() + 1500
    const results = await Promise.all(
      [0, 1, 2, 3].map((process) => {
        const numbers = [1, 2, 3, 4, 5].map((each) => process * 5 + each)
        return runChild<(UploadedPart | string)[]>(script(), { ...task, numbers, at })
      }),
    )
    const refused = results.flat().filter((result) => typeof result === 'string')
    expect(refused).toEqual(Array(13).fill('too_large'))
    expect(await multipart.listParts('limited', uploadId)).toHaveLength(7)
    expect(leftoversIn(root)).toEqual([])
  })

  it('that complete at once publish once, with one result', async () => {
    const { root, multipart, create } = setUp()
    const uploadId = await create('raced')
    const list: UploadedPart[] = []
    for (let number = 1; number <= 20; number++) {
      list.push(await multipart.writePart('raced', uploadId, number, zeros(200_000), PLENTY))
    }
    const task: UploadTask = { type: 'complete', root, key: 'raced', uploadId, list, at: Date.now() + 1500 }
    const results = await Promise.all([1, 2, 3, 4].map(() => runChild(script(), task)))
    for (const result of results) expect(result).toEqual(results[0])
    expect(results[0]).toMatchObject({ created: true, stat: { size: 4_000_000 } })
    expect(leftoversIn(root)).toEqual([])
  })
})
