/**
 * How many requests may be in progress at once, by token, by address and in all: counted in memory, before anything
 * asks the database. A request whose body never comes holds a place, and nothing else.
 */
import "server-only";

/** Places for requests that change something, which send a body, and for those that only read. */
const places = {
  write: { token: 32, address: 64, site: 512 },
  read: { token: 128, address: 512, site: 2048 },
} as const;

export type GateKind = keyof typeof places;

export interface Arrival {
  kind: GateKind;
  /** The credential that it was sent with, or its hash; null without one. */
  token: string | null;
  address: string;
}

/** Who has as many requests in progress as it may. */
export type Full = "token" | "address" | "site";

export class Gate {
  readonly #inProgress = new Map<string, number>();

  /** Lets a request in, or says who is full. Call `leave` once when the request has ended. */
  enter({ kind, token, address }: Arrival): { leave: () => void } | { full: Full } {
    const keys = (
      [
        ["token", token],
        ["address", address],
        ["site", ""],
      ] as const
    ).flatMap(([who, name]) => (name === null ? [] : [{ who, key: `${kind} ${who} ${name}` }]));
    const full = keys.find(({ who, key }) => this.inProgress(key) >= places[kind][who]);
    if (full) return { full: full.who };
    for (const { key } of keys) this.#inProgress.set(key, this.inProgress(key) + 1);
    return {
      leave: () => {
        for (const { key } of keys) {
          const left = this.inProgress(key) - 1;
          if (left > 0) this.#inProgress.set(key, left);
          else this.#inProgress.delete(key);
        }
      },
    };
  }

  private inProgress(key: string): number {
    return this.#inProgress.get(key) ?? 0;
  }
}
