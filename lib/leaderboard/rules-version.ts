/**
 * Versions of the rules that what a site stores is checked against. Raise one whenever a rule becomes stricter or
 * looser: at its next start, a site checks again what it stored under earlier ones.
 */

/** Rules for runs: the run record's schema, and what follows from recipe, variant and policies. */
export const rulesVersion = 1;

/** Rules for policies: their language, `parsePolicy`. */
export const policyRulesVersion = 1;
