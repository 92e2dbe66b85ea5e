/** What to revoke: exactly one of these. */
export type RevokeOptions =
  /** This URL, and all that was narrowed from it. It must have been minted with `revocable`; it may have expired. */
  | (Only<'url'> & { readonly url: string })
  /** What has this id, as it was returned at minting, and all that was made from it. */
  | (Only<'id'> & { readonly id: string })
  /** What was issued for this subject until now. */
  | (Only<'subject'> & { readonly subject: string })
  /**
   * What was issued until now, for uses of keys that begin with it: `users/42/`, or `''` for every key. Without a slash at its
   * end it is about the object of that very key, and about all that lies below it.
   */
  | (Only<'keyPrefix'> & { readonly keyPrefix: string })
  /** All that was signed with the key of this id, whenever. */
  | (Only<'signingKey'> & { readonly signingKey: string })

type Names = 'id' | 'keyPrefix' | 'signingKey' | 'subject' | 'url'
type Only<Name extends Names> = { readonly [Other in Exclude<Names, Name>]?: never }
