/** The text that a `MacFunction` computes the MAC of. */
export function joinedText(opening: string, line: string, rest: string | undefined): string {
  return rest === undefined ? opening + line : `${opening}${line}\n${rest}`
}
