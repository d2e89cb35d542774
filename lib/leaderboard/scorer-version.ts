/** The version of the scoring code. Bump it with any change to a score's columns; everything is then rescored. */
export const scorerVersion = "4";
