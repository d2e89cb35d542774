/** How much an account may add each day, by UTC. Failed attempts don't count. */
export const dailyQuotas = { runs: 500, policies: 200, records: 50, flags: 50 } as const;

export type QuotaName = keyof typeof dailyQuotas;
