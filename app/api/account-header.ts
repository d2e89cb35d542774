/**
 * The header by which a write names its account. A page sends the name that it shows: if somebody else has signed in in
 * another tab meanwhile, nothing is written in their name.
 */
export const accountHeader = "x-dmbench-account";
