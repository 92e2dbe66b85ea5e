import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createLatchkey } from '@latchkey/core'
import { attenuate, createKeyRing, mint, OpenedTokens, presignUrl, verify } from '@latchkey/core/token'
import { memoryDriver } from '@latchkey/drivers/memory'
import { presignUrl as presignBlobUrl } from '@vercel/blob'
import { createSigner, createVerifier } from 'fast-jwt'
import { jwtVerify, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'

/** How many different keys and tokens are gone through, so that nothing is measured that was seen a moment ago. */
const VARIETY = 2048
const AUDIENCE = 'https://app.example.com/files'
const LIFE = 600

const secret = randomBytes(32)
const keyObject = createSecretKey(secret)
const keys = createKeyRing([{ id: 'k1', secret }])
const objectKeys = Array.from({ length: VARIETY }, (_, at) => `reports/2026/11/report-${at}.pdf`)

/** @param {number} at */
const objectKey = (at) => objectKeys[at % VARIETY] ?? ''
const seconds = () => Math.floor(Date.now() / 1000)

/**
 * @param {string} key
 * @returns {string}
 */
function minted(key) {
  const fields = { operations: /** @type {const} */ (['get', 'head']), expires: seconds() + LIFE }
  return immediate(mint({ keys, audience: AUDIENCE, scope: { key }, fields }))
}

/**
 * @param {string} token
 * @param {string} key
 * @param {OpenedTokens} [remembered]
 */
function isGood(token, key, remembered) {
  const result = immediate(
    verify({
      keys,
      audience: AUDIENCE,
      token,
      key,
      operation: 'get',
      now: Date.now(),
      enforces: [],
      remembered,
    }),
  )
  if (!result.ok) throw new Error(`refused: ${result.reason}`)
  return result
}

/**
 * On Node a MAC is there at once.
 *
 * @template T
 * @param {T | PromiseLike<T>} value
 * @returns {T}
 */
function immediate(value) {
  if (typeof value === 'object' && value !== null && 'then' in value) throw new Error('not synchronous')
  return /** @type {T} */ (value)
}

/** @param {number} blocks */
function chain(blocks) {
  return objectKeys.map((key) => {
    const scope = blocks === 1 ? { key } : { prefix: 'reports/' }
    const fields = { operations: /** @type {const} */ (['get', 'head']), expires: seconds() + 86_400 }
    let token = immediate(mint({ keys, audience: AUDIENCE, scope, fields }))
    for (let block = 1; block < blocks; block++) {
      token = immediate(attenuate(token, { scope: { key }, fields: { expires: seconds() + LIFE + 3600 } }))
    }
    return token
  })
}

/**
 * What one operation of each contender is. `at` counts up, so that keys and tokens change.
 *
 * @returns {Promise<Record<string, Record<string, (at: number) => unknown>>>}
 */
export async function contenders() {
  const tokens = chain(1)
  const two = chain(2)
  const four = chain(4)
  const one = tokens[0] ?? ''
  const remembered = new OpenedTokens(1024)
  const claims = (/** @type {number} */ at) => ({ sub: objectKey(at), op: 'get', exp: seconds() + LIFE })
  const lasting = (/** @type {number} */ at) => ({ sub: objectKey(at), op: 'get', exp: seconds() + 86_400 })
  const sign = createSigner({ key: secret, algorithm: 'HS256' })
  const check = createVerifier({ key: secret, algorithms: ['HS256'] })
  const jwts = objectKeys.map((_, at) => sign(lasting(at)))
  const hmacText = (/** @type {number} */ at) => `latchkey1\n${AUDIENCE}\nk1.e1795284000~og\n${objectKey(at)}`
  const hmac = (/** @type {number} */ at) =>
    createHmac('sha256', keyObject).update(hmacText(at)).digest('base64url')
  const s3 = new S3Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  })
  // What the service hands out: what it grants, and a MAC of the service's own, which presigning does not look at.
  const granted = { storeId: 'store_1', pathname: '*', operations: ['get'], validUntil: Date.now() + 8.64e7 }
  const delegation = {
    delegationToken: `${Buffer.from(JSON.stringify(granted)).toString('base64url')}.mac`,
    clientSigningToken: randomBytes(32).toString('base64url'),
  }
  const files = createLatchkey({ baseUrl: AUDIENCE, keys: [{ id: 'k1', secret }], storage: memoryDriver() })
  const issued = await files.issueSignedToken({ prefix: 'reports/', operations: ['get'], expiresIn: 86_400 })
  return {
    mint: {
      'createHmac, cached KeyObject': hmac,
      latchkey: (at) => minted(objectKey(at)),
      'latchkey, a whole signedUrl': (at) => files.signedUrl(objectKey(at), { expiresIn: LIFE }),
      'latchkey, presignUrl with a delegation': (at) =>
        presignUrl(issued, { operation: 'get', key: objectKey(at), expiresIn: LIFE }),
      'fast-jwt': (at) => sign(claims(at)),
      jsonwebtoken: (at) => jsonwebtoken.sign(claims(at), keyObject),
      jose: (at) => new SignJWT(claims(at)).setProtectedHeader({ alg: 'HS256' }).sign(keyObject),
      '@vercel/blob presignUrl': (at) =>
        presignBlobUrl(delegation, { access: 'private', operation: 'get', pathname: objectKey(at) }),
      'S3 presigner': (at) =>
        getSignedUrl(s3, new GetObjectCommand({ Bucket: 'b', Key: objectKey(at) }), { expiresIn: LIFE }),
    },
    verify: {
      'createHmac, cached KeyObject': hmac,
      latchkey: (at) => isGood(tokens[at % VARIETY] ?? '', objectKey(at)),
      'latchkey, a token seen before': () => isGood(one, objectKey(0), remembered),
      'latchkey, chain of 2': (at) => isGood(two[at % VARIETY] ?? '', objectKey(at)),
      'latchkey, chain of 4': (at) => isGood(four[at % VARIETY] ?? '', objectKey(at)),
      'fast-jwt': (at) => check(jwts[at % VARIETY] ?? ''),
      jsonwebtoken: (at) => jsonwebtoken.verify(jwts[at % VARIETY] ?? '', keyObject),
      jose: (at) => jwtVerify(jwts[at % VARIETY] ?? '', keyObject),
    },
    attenuate: {
      'createHmac, cached KeyObject': hmac,
      latchkey: (at) =>
        attenuate(tokens[at % VARIETY] ?? '', {
          scope: { key: objectKey(at) },
          fields: { expires: seconds() + 60 },
        }),
    },
  }
}
