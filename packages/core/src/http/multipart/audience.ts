/**
 * The audience of the ids of uploads in parts. It differs from the mount's, so that an id opens nothing by itself.
 *
 * @param audience the mount's
 */
export function uploadsAudience(audience: string): string {
  return `${audience}#uploads`
}
