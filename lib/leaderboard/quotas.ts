/** How much an account may add each day, by UTC. Only what was accepted counts: a failed attempt costs nothing. */
export const dailyQuotas = { runs: 500, policies: 200, flags: 50 } as const;

export type QuotaName = keyof typeof dailyQuotas;
