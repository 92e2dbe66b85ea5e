import { END, forge, KEY } from '../forge.js'
import { bytes, G, given, refused, type TokenCase } from './case.js'

const base = forge([G])
const mac = base.slice(-43)

/** Tokens that are malformed. */
export const grammar: readonly TokenCase[] = [
  given('empty', '', 'invalid_signature'),
  given('no block', `2026-11.${mac}`, 'invalid_signature'),
  refused('empty block', ['']),
  refused('empty later block', [G, '']),
  given('no kid', base.slice('2026-11'.length), 'invalid_signature'),
  given('kid with a space', base.replace('2026-11', '2026 11'), 'invalid_signature'),
  given('no MAC', base.slice(0, -44), 'invalid_signature'),
  given('empty MAC', base.slice(0, -43), 'invalid_signature'),
  given('short MAC', base.slice(0, -1), 'invalid_signature'),
  given('long MAC', `${base}A`, 'invalid_signature'),
  given('padded MAC', `${base}=`, 'invalid_signature'),
  given('MAC with unused bits set', base.slice(0, -1) + next(base.slice(-1)), 'invalid_signature'),
  given('MAC in base64', base.slice(0, -43) + standard(mac), 'invalid_signature'),
  given('MAC with a character over U+00FF', `${base.slice(0, -43)}${widened(mac)}`, 'invalid_signature'),
  given('another MAC', base.slice(0, -43) + forge([`e${END}~oh`]).slice(-43), 'invalid_signature'),
  given('line feed behind', `${base}\n`, 'invalid_signature'),
  given('space in front', ` ${base}`, 'invalid_signature'),
  refused('unknown letter', [`${G}~k1`]),
  refused('unassigned letter', [`e${END}~k1~og`]),
  refused('unassigned letter in a later block', [G, 'k1']),
  refused('upper-case letter', [`E${END}~og`]),
  refused('no end', ['og']),
  refused('no operations', [`e${END}`]),
  refused('wrong order', [`og~e${END}`]),
  refused('duplicate', [`e${END}~e${END}~og`]),
  refused('empty value', [`e${END}~m~og`]),
  refused('tilde in front', [`~${G}`]),
  refused('tilde behind', [`${G}~`]),
  refused('leading zero', [`e0${END}~og`]),
  refused('sign', [`e+${END}~og`]),
  refused('negative', [`e-${END}~og`]),
  refused('fraction', [`e${END}.5~og`]),
  refused('exponent', ['e1e10~og']),
  refused('digits that are not ASCII', ['e١٧٩٥٢٨٣٦٠٠~og']),
  refused('time after the year 9999', ['e253402300800~og']),
  refused('start after the year 9999', [`e${END}~n253402300800~og`], { code: 'invalid_signature' }),
  refused('huge time', [`e${'9'.repeat(400)}~og`]),
  refused('size over 2^53 - 1', [`e${END}~m9007199254740992~og`]),
  refused('cache age over a year', [`c31536001~${G}`]),
  refused('prefix too long', [[`e${END}~og~p1024`, KEY]]),
  refused('operations out of order', [`e${END}~ohg`]),
  refused('operation twice', [`e${END}~ogg`]),
  refused('unknown operation', [`e${END}~ogx`]),
  refused('flag 0', [`${G}~r0`]),
  refused('create only 0', [`${G}~q0`]),
  refused('flag 2', [`${G}~v2`]),
  refused('flag twice', [`${G}~w11`]),
  refused('overrides true', [`${G}~xtrue`]),
  given('kid of 65 characters', base.replace('2026-11', bytes(65)), 'invalid_signature'),
]

function next(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) + 1)
}

function standard(text: string): string {
  return text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/^[^+/]/, '+')
}

/** The same characters to whoever keeps the low byte only. */
function widened(text: string): string {
  return String.fromCharCode(text.charCodeAt(0) + 0x100) + text.slice(1)
}
