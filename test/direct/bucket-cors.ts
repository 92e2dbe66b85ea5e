/** The rules of a bucket that pages of an origin may send bytes to. */
export function bucketCors(origin: string) {
  return { CORSRules: [{ AllowedOrigins: [origin], AllowedMethods: ['PUT'], AllowedHeaders: ['*'] }] }
}
