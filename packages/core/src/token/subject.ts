import { encodedText } from './field-values.js'

/** How a subject is spelled: base64url of 1 to 256 bytes of UTF-8. */
export const subjectText = encodedText(256)

/** Whether a text can be a subject. */
export function isSubject(text: string): boolean {
  return subjectText.write(text) !== undefined
}
