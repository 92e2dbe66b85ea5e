/**
 * Copies the text of a field. Pages without TLS have no clipboard API except on localhost, hence the second way.
 *
 * @param {HTMLInputElement} field
 */
export async function copyText(field) {
  try {
    await navigator.clipboard.writeText(field.value)
  } catch {
    field.select()
    document.execCommand('copy')
  }
}
