import { expect, test } from 'vitest'
import { belowMount } from '../src/node/index.js'

test.each([
  ['/files/a.txt', '/files', '/a.txt'],
  ['/files/a/b?token=x', '/files', '/a/b?token=x'],
  ['/t1/files/a', '/:tenant/files', '/a'],
  ['/f%69les/a', '/files/', '/a'],
  ['/a', '', '/a'],
  ['/a', '/', '/a'],
  ['/files', '/files', '/'],
  ['/files?x=/secret.txt', '/files', '/?x=/secret.txt'],
  ['/files/?x=/secret.txt', '/files', '/?x=/secret.txt'],
  ['/files', '/api/files', '/'],
  ['http://host/files/a', '/files', '/a'],
  ['http://host?x=/files/a', '/files', '/?x=/files/a'],
])('%s below %s is %s', (url, mount, expected) => {
  expect(belowMount(url, mount)).toBe(expected)
})
