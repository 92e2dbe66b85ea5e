import { describe, expect, it } from 'vitest'
import type { UploadProgress } from '../src/options.js'
import { fittingPartSize, partsOf } from '../src/parts.js'
import { Progress } from '../src/progress.js'

describe('Progress', () => {
  function recorded(total: number) {
    const steps: UploadProgress[] = []
    return { steps, progress: new Progress(total, (step) => steps.push(step)) }
  }

  it('sums up the pieces', () => {
    const { steps, progress } = recorded(100)
    progress.set(1, 10)
    progress.set(2, 20)
    progress.set(1, 30)
    expect(steps).toEqual([10, 30, 50].map((loaded) => ({ loaded, total: 100 })))
  })

  it('goes back with a piece that begins again', () => {
    const { steps, progress } = recorded(100)
    progress.set(1, 40)
    progress.set(2, 40)
    progress.set(2, 0)
    expect(steps.map(({ loaded }) => loaded)).toEqual([40, 80, 40])
  })

  it('reports nothing twice, and never more than there is', () => {
    const { steps, progress } = recorded(100)
    progress.set(1, 40)
    progress.set(1, 40)
    progress.set(1, 101)
    progress.set(1, 100)
    expect(steps.map(({ loaded }) => loaded)).toEqual([40, 100])
  })

  it('begins at nothing after a reset', () => {
    const { steps, progress } = recorded(100)
    progress.set(1, 40)
    progress.reset()
    progress.set(2, 5)
    expect(steps.at(-1)).toEqual({ loaded: 5, total: 100 })
  })

  it('needs nobody to report to', () => {
    expect(() => new Progress(1).set(1, 1)).not.toThrow()
  })
})

describe('parts', () => {
  it('cover the file, each byte once', () => {
    expect(partsOf(25, 10)).toEqual([
      { partNumber: 1, start: 0, end: 10 },
      { partNumber: 2, start: 10, end: 20 },
      { partNumber: 3, start: 20, end: 25 },
    ])
    expect(partsOf(20, 10)).toHaveLength(2)
    expect(partsOf(1, 10)).toEqual([{ partNumber: 1, start: 0, end: 1 }])
  })

  it('are as large as wished, and larger where there would be more than 10 000', () => {
    expect(fittingPartSize(10_000, 1)).toBe(1)
    expect(fittingPartSize(10_001, 1)).toBe(2)
    expect(partsOf(10_001, fittingPartSize(10_001, 1)).length).toBeLessThanOrEqual(10_000)
    const tib = 1024 ** 4
    expect(partsOf(tib, fittingPartSize(tib, 8 * 1024 ** 2)).length).toBeLessThanOrEqual(10_000)
  })
})
