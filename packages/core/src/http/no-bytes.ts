/** The body of an upload that has none: an object may be empty. */
export async function* noBytes(): AsyncGenerator<Uint8Array> {}
