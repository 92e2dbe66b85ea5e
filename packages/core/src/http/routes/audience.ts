/**
 * The audience of signed routes. It differs from the mount's, so that no token for a file opens a route, nor the reverse.
 *
 * @param audience the mount's
 */
export function routesAudience(audience: string): string {
  return `${audience}#routes`
}
