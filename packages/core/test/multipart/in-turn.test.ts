import { expect, test } from 'vitest'
import { inTurn } from '../../src/http/multipart/in-turn.js'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('tasks of one upload run one after the other, also after one that failed', async () => {
  const order: string[] = []
  const task = (name: string, fails = false) =>
    inTurn('one', async () => {
      order.push(`${name} begins`)
      await pause(5)
      order.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    })
  const results = await Promise.allSettled([task('a'), task('b', true), task('c')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('tasks of different uploads run at once', async () => {
  let running = 0
  let most = 0
  const task = async () => {
    most = Math.max(most, ++running)
    await pause(10)
    running--
  }
  await Promise.all([inTurn('one', task), inTurn('other', task)])
  expect(most).toBe(2)
})
