import type { ClientFields } from '../http-client.js'
import { asctimeDate, rfc850Date, secondsFrom } from './http-dates.js'

/** What a condition is answered with. */
export type Outcome = 'whole' | 'part' | 'not_modified' | 'failed'

/** A condition and its answer. */
export interface ConditionRow {
  readonly name: string
  readonly expected: Outcome
  fields(etag: string, modified: string): ClientFields
}

/** Conditions of GET on an object with this ETag and date. */
export const CONDITION_ROWS: readonly ConditionRow[] = [
  { name: 'If-Match with the ETag', expected: 'whole', fields: (etag) => ({ 'if-match': etag }) },
  { name: 'If-Match with *', expected: 'whole', fields: () => ({ 'if-match': '*' }) },
  {
    name: 'If-Match with a list',
    expected: 'whole',
    fields: (etag) => ({ 'if-match': `"a", "b,c" ,${etag}` }),
  },
  { name: 'If-Match in two fields', expected: 'whole', fields: (etag) => ({ 'if-match': ['"a"', etag] }) },
  { name: 'If-Match with another ETag', expected: 'failed', fields: () => ({ 'if-match': '"another"' }) },
  {
    name: 'If-Match with the ETag made weak',
    expected: 'failed',
    fields: (etag) => ({ 'if-match': `W/${etag}` }),
  },
  {
    name: 'If-Match without quotes',
    expected: 'failed',
    fields: (etag) => ({ 'if-match': etag.slice(1, -1) }),
  },
  {
    name: 'If-None-Match with the ETag',
    expected: 'not_modified',
    fields: (etag) => ({ 'if-none-match': etag }),
  },
  { name: 'If-None-Match with *', expected: 'not_modified', fields: () => ({ 'if-none-match': '*' }) },
  {
    name: 'If-None-Match with the ETag made weak',
    expected: 'not_modified',
    fields: (etag) => ({ 'if-none-match': `W/${etag}` }),
  },
  {
    name: 'If-None-Match with a list',
    expected: 'not_modified',
    fields: (etag) => ({ 'if-none-match': `"a",, W/"b,c", ${etag}` }),
  },
  {
    name: 'If-None-Match in two fields',
    expected: 'not_modified',
    fields: (etag) => ({ 'if-none-match': ['"a"', etag] }),
  },
  {
    name: 'If-None-Match with another ETag',
    expected: 'whole',
    fields: () => ({ 'if-none-match': '"another"' }),
  },
  {
    name: 'If-None-Match without quotes',
    expected: 'whole',
    fields: (etag) => ({ 'if-none-match': etag.slice(1, -1) }),
  },
  {
    name: 'If-Modified-Since with the date',
    expected: 'not_modified',
    fields: (_, modified) => ({ 'if-modified-since': modified }),
  },
  {
    name: 'If-Modified-Since with the date as RFC 850 wrote it',
    expected: 'not_modified',
    fields: (_, modified) => ({ 'if-modified-since': rfc850Date(modified) }),
  },
  {
    name: 'If-Modified-Since with the date as asctime wrote it',
    expected: 'not_modified',
    fields: (_, modified) => ({ 'if-modified-since': asctimeDate(modified) }),
  },
  {
    name: 'If-Modified-Since one second earlier',
    expected: 'whole',
    fields: (_, modified) => ({ 'if-modified-since': secondsFrom(modified, -1) }),
  },
  {
    name: 'If-Modified-Since one second later',
    expected: 'not_modified',
    fields: (_, modified) => ({ 'if-modified-since': secondsFrom(modified, 1) }),
  },
  {
    name: 'If-Unmodified-Since with the date',
    expected: 'whole',
    fields: (_, at) => ({ 'if-unmodified-since': at }),
  },
  {
    name: 'If-Unmodified-Since one second earlier',
    expected: 'failed',
    fields: (_, modified) => ({ 'if-unmodified-since': secondsFrom(modified, -1) }),
  },
  {
    name: 'If-Unmodified-Since one second earlier, as asctime wrote it',
    expected: 'failed',
    fields: (_, modified) => ({ 'if-unmodified-since': asctimeDate(secondsFrom(modified, -1)) }),
  },
  ...['2026-11-21T10:00:00Z', 'yesterday', '0', '1795284000', ''].flatMap((date): ConditionRow[] => [
    {
      name: `If-Modified-Since with ${JSON.stringify(date)}, which is no date`,
      expected: 'whole',
      fields: () => ({ 'if-modified-since': date }),
    },
    {
      name: `If-Unmodified-Since with ${JSON.stringify(date)}, which is no date`,
      expected: 'whole',
      fields: () => ({ 'if-unmodified-since': date }),
    },
  ]),
  {
    name: 'If-None-Match that matches nothing beside If-Modified-Since with the date',
    expected: 'whole',
    fields: (_, modified) => ({ 'if-none-match': '"another"', 'if-modified-since': modified }),
  },
  {
    name: 'If-None-Match that matches beside If-Modified-Since with an earlier date',
    expected: 'not_modified',
    fields: (etag, modified) => ({ 'if-none-match': etag, 'if-modified-since': secondsFrom(modified, -9) }),
  },
  {
    name: 'If-Match that holds beside If-Unmodified-Since with an earlier date',
    expected: 'whole',
    fields: (etag, modified) => ({ 'if-match': etag, 'if-unmodified-since': secondsFrom(modified, -9) }),
  },
  {
    name: 'If-Match that fails beside If-None-Match that matches',
    expected: 'failed',
    fields: (etag) => ({ 'if-match': '"another"', 'if-none-match': etag }),
  },
  {
    name: 'If-Match and If-None-Match that both hold the ETag',
    expected: 'not_modified',
    fields: (etag) => ({ 'if-match': etag, 'if-none-match': etag }),
  },
  {
    name: 'If-Unmodified-Since that fails beside If-None-Match that matches',
    expected: 'failed',
    fields: (etag, modified) => ({ 'if-unmodified-since': secondsFrom(modified, -1), 'if-none-match': etag }),
  },
  {
    name: 'If-None-Match that matches beside a Range',
    expected: 'not_modified',
    fields: (etag) => ({ 'if-none-match': etag, range: 'bytes=0-9' }),
  },
  {
    name: 'If-Match that fails beside an unsatisfiable Range',
    expected: 'failed',
    fields: () => ({ 'if-match': '"another"', range: 'bytes=5000-' }),
  },
  { name: 'If-Range with the ETag', expected: 'part', fields: (etag) => part({ 'if-range': etag }) },
  {
    name: 'If-Range with the ETag made weak',
    expected: 'whole',
    fields: (etag) => part({ 'if-range': `W/${etag}` }),
  },
  { name: 'If-Range with another ETag', expected: 'whole', fields: () => part({ 'if-range': '"another"' }) },
  { name: 'If-Range with a list', expected: 'whole', fields: (etag) => part({ 'if-range': `${etag}, "b"` }) },
  {
    name: 'If-Range with the date',
    expected: 'part',
    fields: (_, modified) => part({ 'if-range': modified }),
  },
  {
    name: 'If-Range one second later',
    expected: 'whole',
    fields: (_, modified) => part({ 'if-range': secondsFrom(modified, 1) }),
  },
  {
    name: 'If-Range one second earlier',
    expected: 'whole',
    fields: (_, modified) => part({ 'if-range': secondsFrom(modified, -1) }),
  },
  { name: 'If-Range that is neither', expected: 'whole', fields: () => part({ 'if-range': 'junk' }) },
  { name: 'If-Range without a Range', expected: 'whole', fields: (etag) => ({ 'if-range': etag }) },
  {
    name: 'If-Range with another ETag beside an unsatisfiable Range',
    expected: 'whole',
    fields: () => ({ 'if-range': '"another"', range: 'bytes=5000-' }),
  },
]

function part(fields: ClientFields): ClientFields {
  return { range: 'bytes=0-9', ...fields }
}
