import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { changedHref, urlState } from "@/lib/leaderboard";

const colours = ["red", "green", "blue"] as const;
const state = urlState(
  z.object({
    page: z
      .string()
      .regex(/^[1-9]\d*$/)
      .transform(Number)
      .default(1),
    tag: z.array(z.enum(colours)).default(["red"]),
    names: z.array(z.string().min(1)).optional(),
  }),
  { joined: ["names"] },
);
const queryOf = (href: string): Record<string, string | string[]> => {
  const query = new URL(href, "http://site").searchParams;
  return Object.fromEntries(
    [...query.keys()].map((name) => [name, query.getAll(name).length > 1 ? query.getAll(name) : query.get(name)!]),
  );
};

describe("URL state", () => {
  it("survives a round trip, and leaves out defaults", () => {
    const states = fc.record({
      page: fc.integer({ min: 1 }),
      tag: fc.uniqueArray(fc.constantFrom(...colours), { minLength: 1 }),
      names: fc.uniqueArray(fc.string({ minLength: 1 }).filter((name) => name === name.trim() && !name.includes(","))),
    });
    fc.assert(fc.property(states, (view) => void expect(state.read(queryOf(state.href("/", view)))).toEqual(view)));
    expect(state.href("/list", { page: 1, tag: ["red"], names: ["a", "b"] })).toBe("/list?names=a,b");
  });

  it("ignores invalid parameters and repeats of single ones; valid values of a list stay", () => {
    expect(state.read({ page: "0", tag: "pink" })).toEqual({ page: 1, tag: ["red"] });
    expect(state.read({ page: ["2", "3"], tag: ["pink", "blue"] })).toEqual({ page: 1, tag: ["blue"] });
    expect(state.read({ names: "" })).toMatchObject({ names: [] });
    expect(state.read({ names: ["a,b", "c"] })).toMatchObject({ names: ["a", "b", "c"] });
  });

  it("reads what no text may hold as U+FFFD, so that a search for it finds nothing", () => {
    expect(state.read({ names: ["a\0b", "\u202ec,d\ud800"] })).toMatchObject({
      names: ["a\ufffdb", "\ufffdc", "d\ufffd"],
    });
  });

  it("changes parameters of a query, removes those that are null and keeps the others", () => {
    expect(changedHref("/list", { q: "a", page: "3", tag: ["x", "y"] }, { page: null, sort: "name" })).toBe(
      "/list?q=a&tag=x&tag=y&sort=name",
    );
    expect(changedHref("/list", { page: "3" }, { page: null })).toBe("/list");
  });
});
