import { END, forge } from '../forge.js'
import { G, given, refused, type TokenCase, UTF8 } from './case.js'

const base = forge([G])

/** Tokens for something else. */
export const foreign: readonly TokenCase[] = [
  refused('other operation', [G], { operation: 'head' }),
  refused('operation not gained', [G, 'ogh'], { operation: 'head' }),
  refused('no operation left', [G, 'oh']),
  given('other key', base, 'invalid_signature', { key: 'reports/2026/q4.pdf' }),
  given('key in other case', base, 'invalid_signature', { key: 'reports/2026/Q3.pdf' }),
  given('key in other normal form', forge([G], { key: 'é' }), 'invalid_signature', { key: 'e\u0301' }),
  given('other audience', base, 'invalid_signature', { audience: 'https://app.example.com/other' }),
  given('unknown kid', base.replace('2026-11', '2027-01'), 'invalid_signature'),
  refused('key removed from the ring', [G], {}, { kid: 'removed' }),
  given('outside the prefix', forge([[`e${END}~og~p13`, 'reports/2026/']]), 'invalid_signature', {
    key: 'reports/2025/q3.pdf',
  }),
  given('prefix longer than the key', forge([[`e${END}~og~p13`, 'reports/2026/']]), 'invalid_signature', {
    key: 'a/b',
  }),
  refused('prefix that ends in a segment', [[`e${END}~og~p7`, 'reports']]),
  refused('prefix that ends in a character', [[`e${END}~og~p1`, '\u00c3']], { key: UTF8 }),
  refused('key, then another prefix', [G, ['p6', 'other/']]),
  refused('key, then another key', [G, ['oh', 'other']]),
  given('later block about another key', forge([[`e${END}~og~p8`, 'reports/'], G]), 'invalid_signature', {
    key: 'reports/2026/q4.pdf',
  }),
  given('kid of another key', base.replace('2026-11', '2025-04'), 'invalid_signature'),
]
