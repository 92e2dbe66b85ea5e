import type { HttpCase } from '../http-case.js'
import { refusedPartsCases } from './refused-parts.js'
import { takingBackCases } from './taking-back.js'
import { tellingCases } from './telling.js'

/** How the app is told of uploads, and what happens where it does not accept one. */
export const completionCases: readonly HttpCase[] = [
  ...tellingCases,
  ...takingBackCases,
  ...refusedPartsCases,
]
