import type { ExpiryBounds } from '../../token/index.js'
import { codePoints, hasControl, isWellFormed, utf8Length } from '../../token/text.js'
import { badRequest } from './bad-request.js'

/** An object out of a body. Only what was asked for is in it, and nothing of it is checked. */
export type Properties = Readonly<Record<string, unknown>>

/**
 * An object with none but the known properties: what is mistyped must not pass for what was left out, which may be
 * the stricter of the two.
 *
 * @param where what the object is, for the message: `The body`
 * @throws LatchkeyError `bad_request`
 */
export function propertiesOf(value: unknown, known: readonly string[], where: string): Properties {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`${where} must be an object.`)
  }
  if (!Object.keys(value).every((name) => known.includes(name))) {
    throw badRequest(`${where} may have no properties but ${known.join(', ')}.`)
  }
  return { ...value }
}

/** A life in whole seconds within the mount's bounds; `undefined` where none was asked for. */
export function lifeOf(value: unknown, name: string, { minimum, maximum }: ExpiryBounds): number | undefined {
  if (value === undefined) return undefined
  if (!isWhole(value, minimum, maximum)) {
    throw badRequest(`${name} must be whole seconds, ${minimum} to ${maximum}.`)
  }
  return value
}

/** A whole number within bounds; `undefined` where there is none. */
export function wholeOf(value: unknown, name: string, minimum: number, maximum: number): number | undefined {
  if (value === undefined) return undefined
  if (!isWhole(value, minimum, maximum)) {
    throw badRequest(`${name} must be a whole number, ${minimum} to ${maximum}.`)
  }
  return value
}

/** A text of 1 to so many bytes; `undefined` where there is none. */
export function textOf(value: unknown, name: string, mostBytes: number): string | undefined {
  if (value === undefined) return undefined
  const bytes = typeof value === 'string' ? utf8Length(value) : 0
  if (typeof value !== 'string' || bytes < 1 || bytes > mostBytes) {
    throw badRequest(`${name} must be a text of 1 to ${mostBytes} bytes.`)
  }
  return value
}

/** Whether something is wished for: `true`, or `false` and nothing alike. */
export function flagOf(value: unknown, name: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw badRequest(`${name} must be true or false.`)
  return value === true
}

/** `true`, `false` or a file name as a signed URL can carry it; `undefined` where nothing was asked for. */
export function downloadOf(value: unknown, name: string): boolean | string | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  const isName =
    typeof value === 'string' &&
    value !== '' &&
    isWellFormed(value) &&
    codePoints(value) <= 255 &&
    !hasControl(value)
  if (!isName) throw badRequest(`${name} must be true, false or a file name of 1 to 255 characters.`)
  return value
}

function isWhole(value: unknown, minimum: number, maximum: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= maximum
}
