import { S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type S3DriverOptions, s3Driver } from '@latchkey/drivers/s3'
import { expect } from 'vitest'
import { readSettings } from '../../packages/drivers/src/s3/settings.js'
import { expectInvalid } from './exchange.js'
import type { Rows } from './rows.js'

const MIB = 1024 ** 2
const REQUIRED = { client: new S3Client({ region: 'us-east-1' }), bucket: 'b' }

const settingsWith = (options: Partial<S3DriverOptions>) => readSettings({ ...REQUIRED, ...options })
const driverWith = (options: object) => () => s3Driver({ ...REQUIRED, ...options })

/** What they do is tested over a store, in the tests of the driver. */
export const s3DriverRows: Rows = {
  client: {
    default: 'required',
    async check() {
      expect(settingsWith({}).client).toBe(REQUIRED.client)
      await expectInvalid(driverWith({ client: undefined }), driverWith({ client: {} }))
    },
  },
  bucket: {
    default: 'required',
    async check() {
      expect(settingsWith({}).bucket).toBe('b')
      await expectInvalid(driverWith({ bucket: '' }), driverWith({ bucket: undefined }))
    },
  },
  prefix: {
    default: 'none',
    async check() {
      expect(settingsWith({}).prefix).toBe('')
      for (const prefix of ['a/', 'a/b-', 'x'.repeat(512)])
        expect(settingsWith({ prefix }).prefix).toBe(prefix)
      const bad = ['/a', 'a//', '../', 'a/./', 'a\\b', 'a\0', 'x'.repeat(513)]
      await expectInvalid(...bad.map((prefix) => driverWith({ prefix })))
    },
  },
  partSize: {
    default: '8 MiB',
    async check() {
      expect(settingsWith({}).partSize).toBe(8 * MIB)
      for (const partSize of [5 * MIB, 1024 * MIB]) expect(settingsWith({ partSize }).partSize).toBe(partSize)
      const bad = [5 * MIB - 1, 1024 * MIB + 1, 6e6 + 0.5, Number.NaN]
      await expectInvalid(...bad.map((partSize) => driverWith({ partSize })))
    },
  },
  patience: {
    default: '60',
    async check() {
      expect(settingsWith({}).patienceMs).toBe(60_000)
      for (const patience of [1, 3600]) expect(settingsWith({ patience }).patienceMs).toBe(patience * 1000)
      await expectInvalid(...[0.5, 3601, Number.NaN].map((patience) => driverWith({ patience })))
    },
  },
  conditionalWrites: {
    default: 'true',
    async check() {
      expect(s3Driver(REQUIRED).capabilities.conditionalWrites).toBe(true)
      const without = s3Driver({ ...REQUIRED, conditionalWrites: false })
      expect(without.capabilities.conditionalWrites).toBe(false)
      expect(without.setVisibility).toBeUndefined()
      await expectInvalid(driverWith({ conditionalWrites: 1 }), driverWith({ conditionalWrite: false }))
    },
  },
  getSignedUrl: {
    default: 'none',
    async check() {
      expect(s3Driver(REQUIRED).presigning).toBeUndefined()
      expect(s3Driver({ ...REQUIRED, getSignedUrl }).presigning).toBeDefined()
      await expectInvalid(driverWith({ getSignedUrl: true }))
    },
  },
}
