/** The version of the scoring code. Bump it with any change that moves a figure; everything is then rescored. */
export const scorerVersion = "2";
