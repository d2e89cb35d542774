/** Names how scores are computed: a change that moves any figure is a new version, and everything is scored again. */
export const scorerVersion = "1";
