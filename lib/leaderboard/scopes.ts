/** What a personal token may do. It never allows more than its owner may do. */
export const scopes = {
  read: "see your account, what is left of your quotas, and flags that concern you",
  "submit:runs": "publish runs in your name",
  "submit:policies": "submit policies in your name",
  flag: "flag results, and answer flags on yours, in your name",
  moderate: "read and decide flags, for maintainers",
} as const;

export type Scope = keyof typeof scopes;

export const scopeNames = Object.keys(scopes) as [Scope, ...Scope[]];
