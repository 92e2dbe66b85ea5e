const LONGEST = 200
// What some system does not take in a file's name, or takes for something else than its name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069/\\<>:"|?*]/g
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/**
 * A name that every file system takes, as close to the given one as can be.
 *
 * @param {string} given
 * @returns {string}
 */
export function safeName(given) {
  const clean = given
    .replace(UNSAFE, '_')
    .replace(/[. ]+$/, '')
    .replace(/^[. ]+/, '_')
    .replace(WINDOWS_DEVICE, '$&_')
  const { stem, extension } = splitName(clean === '' ? '_' : clean)
  const room = LONGEST - Buffer.byteLength(extension)
  return cutToBytes(stem, room) + extension
}

/**
 * The name itself, or where it is taken the next free of `name (2).ext`, `name (3).ext` and so on. Another upload
 * may still get there first; Latchkey then answers 409, as an upload URL only creates, and the page asks again.
 *
 * @param {string} name
 * @param {import('@latchkey/core').StorageDriver} storage
 * @returns {Promise<string>}
 */
export async function freeName(name, storage) {
  const { stem, extension } = splitName(name)
  let candidate = name
  for (let n = 2; (await storage.stat(candidate)) !== null; n++) candidate = `${stem} (${n})${extension}`
  return candidate
}

/** @param {string} name */
function splitName(name) {
  const extension = /(?<=.)\.[^. ]{1,16}$/u.exec(name)?.[0] ?? ''
  return { stem: name.slice(0, name.length - extension.length), extension }
}

/**
 * @param {string} text
 * @param {number} room
 */
function cutToBytes(text, room) {
  let cut = ''
  let size = 0
  for (const character of text) {
    size += Buffer.byteLength(character)
    if (size > room) break
    cut += character
  }
  return cut
}
