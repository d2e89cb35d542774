/**
 * The version of the rules that runs are checked against. Raise it whenever a rule becomes stricter or looser: at its
 * next start, a site checks again what it stored under earlier ones.
 */
export const rulesVersion = 1;
