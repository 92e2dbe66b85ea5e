import { describe } from 'vitest'
import { runDriverCases } from '../run-driver-cases.js'
import { flydriveContext, flystorageContext, unstorageContext, unstorageFolderContext } from './contexts.js'

describe('flydriveDriver over a folder keeps the contract', () => {
  runDriverCases(async () => flydriveContext())
})

describe('flydriveDriver as the sole writer keeps the contract', () => {
  runDriverCases(async () => flydriveContext({ soleWriter: true }))
})

describe('flystorageDriver over a folder keeps the contract', () => {
  runDriverCases(async () => flystorageContext())
})

describe('flystorageDriver as the sole writer, with visibility, keeps the contract', () => {
  runDriverCases(async () => flystorageContext({ soleWriter: true, useVisibility: true }))
})

describe('unstorageDriver over memory keeps the contract', () => {
  runDriverCases(async () => unstorageContext())
})

describe('unstorageDriver over memory as the sole writer keeps the contract', () => {
  runDriverCases(async () => unstorageContext({ soleWriter: true }))
})

describe('unstorageDriver over a folder as the sole writer keeps the contract', () => {
  runDriverCases(async () => unstorageFolderContext({ soleWriter: true }))
})
