import { ApiError } from './problem.js'

const LIVES = ['10s', '1m', '10m', '1h', '1d']
const LONGEST_NAME = 1024
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/

/**
 * @param {unknown} body
 * @param {{ maxUploadSize: number }} limits
 * @returns {{ name: string, type: string | null, size: number }} `type` is `null` where the browser knows none
 */
export function readUploadRequest(body, { maxUploadSize }) {
  const { type, size } = fieldsOf(body)
  const name = readName(body)
  if (typeof type !== 'string') throw badRequest('type must be a text')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw badRequest('size must be a number of bytes')
  }
  if (size > maxUploadSize) {
    const gigabytes = Math.floor(maxUploadSize / 1024 ** 3)
    throw new ApiError(413, 'too_large', `The file is larger than the ${gigabytes} GB that this demo takes.`)
  }
  return { name, type: MEDIA_TYPE.test(type) ? type : null, size }
}

/**
 * @param {unknown} body
 * @returns {{ name: string, life: string, download: boolean }}
 */
export function readLinkRequest(body) {
  const { life, download } = fieldsOf(body)
  const name = readName(body)
  if (typeof life !== 'string' || !LIVES.includes(life)) {
    throw badRequest(`life must be one of ${LIVES.join(', ')}`)
  }
  if (typeof download !== 'boolean') throw badRequest('download must be true or false')
  return { name, life, download }
}

/**
 * @param {unknown} body
 * @returns {string}
 */
export function readName(body) {
  const { name } = fieldsOf(body)
  if (typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME) return name
  throw badRequest(`name must be a text of 1 to ${LONGEST_NAME} characters`)
}

/**
 * @param {unknown} body
 * @returns {Record<string, unknown>}
 */
function fieldsOf(body) {
  if (typeof body === 'object' && body !== null) return { ...body }
  throw badRequest('The body must be a JSON object, sent as application/json.')
}

/** @param {string} detail */
function badRequest(detail) {
  return new ApiError(400, 'bad_request', detail)
}
