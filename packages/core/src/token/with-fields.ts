/**
 * Fields and more of them, which win. Not by spreading: to an object that begins as a copy V8 adds each further member by a
 * hidden class of its own, made anew each time, which takes longer than all the rest of a token.
 */
export function withFields<Fields extends object, More extends object>(
  fields: Fields,
  more: More,
): Fields & More {
  return Object.assign({}, fields, more)
}
