import { describe } from 'vitest'
import { fsContext } from './fs-context.js'
import { runDriverCases } from './run-driver-cases.js'

describe('fsDriver keeps the contract', () => {
  runDriverCases(async () => fsContext())
})

describe('fsDriver with fsync keeps the contract', () => {
  // Thousands of flushes, each as slow as the disk is busy.
  runDriverCases(async () => fsContext({ fsync: true }), { timeout: 120_000 })
})

describe('fsDriver without a cache keeps the contract', () => {
  runDriverCases(async () => fsContext({ metadataCacheSize: 0 }))
})
