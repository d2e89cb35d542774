/** The version of the scoring code. A change that moves any figure takes a new version; everything is then rescored. */
export const scorerVersion = "1";
