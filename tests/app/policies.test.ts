import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { momentumCurves } from "@/app/_components/momentum/curves";
import { policyFragment, policyTextOf } from "@/app/_components/momentum/policy-fragment";
import { completionsAt } from "@/app/policies/new/completion";
import { linesOf, offsetInLines, read, withField, write } from "@/app/policies/new/reading";
import { templates } from "@/app/policies/new/templates";
import { matches, readView, viewHref } from "@/app/policies/view";
import type { RunShape } from "@/lib/dmbn/policy";
import { builtInPolicies, parsePolicyText, vocabulary } from "@/lib/dmbn/policy";
import { policyKinds } from "@/lib/leaderboard";

const run: RunShape = {
  steps: 290,
  stepsPerEpoch: 29,
  epochs: 10,
  batchSize: 32,
  learningRate: 0.05,
  layers: [{ channels: 256 }, { channels: 128 }, { channels: 64 }],
};

describe("completion", () => {
  const names = (text: string, caret = text.length, explicit = false) =>
    completionsAt(text, caret, explicit)?.options.map(({ insert }) => insert);

  it("offers the words that begin with the letters before the caret, ignoring case", () => {
    expect(names("1 - st")).toEqual(["step", "steps"]);
    expect(names("BATCH")).toEqual(["batchSize"]);
    expect(names("flo")).toEqual(["floor("]);
    expect(names("zz")).toBeUndefined();
  });

  it("replaces the whole word around the caret, and adds no second parenthesis", () => {
    expect(completionsAt("0.5 * sto + 1", 8)).toMatchObject({ from: 6, to: 9 });
    expect(names("mi(step, 1)", 2)).toEqual(["min"]);
  });

  it("leaves numbers and complete words alone", () => {
    expect(names("1e")).toBeUndefined();
    expect(names("0.5e")).toBeUndefined();
    expect(names("batchSize")).toBeUndefined();
  });

  it("lists every word on request, where none has begun", () => {
    expect(names("1 - ")).toBeUndefined();
    expect(names("1 - ", 4, true)).toHaveLength(vocabulary.length);
  });

  it("never throws, and its insertions begin with the typed letters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(), fc.boolean(), (text, offset, explicit) => {
        const caret = offset % (text.length + 1);
        const completions = completionsAt(text, caret, explicit);
        if (!completions) return;
        expect(completions.from <= caret && caret <= completions.to).toBe(true);
        for (const { insert } of completions.options)
          expect(insert.toLowerCase().startsWith(text.slice(completions.from, caret).toLowerCase())).toBe(true);
      }),
    );
  });
});

describe("reading the typed text", () => {
  it("points at the wrong character, in its field", () => {
    const { policy, issue } = read(write({ kind: "schedule", momentum: "min(0.99, 1 - 0.5 *)" }), run);
    expect(policy).toBeNull();
    expect(issue).toMatchObject({ field: "momentum", position: 19 });
  });

  it("points at the invalid candidate, and its position among the lines", () => {
    const text = "0.9\n\n1 - 1 / stp\n0.5";
    const { issue } = read(write({ kind: "select", candidates: linesOf(text) }), run);
    expect(issue).toMatchObject({ field: "candidates[1]", position: 8 });
    expect(text.slice(offsetInLines(text, 1, issue!.position!)).startsWith("stp")).toBe(true);
  });

  it("reports where β leaves [0, 1] on the current run", () => {
    const { policy, issue } = read(write({ kind: "schedule", momentum: "step / 100" }), run);
    expect(policy).toBeNull();
    expect(issue).toMatchObject({ field: "momentum", position: null, found: "1.01 at step 101 of layer 0" });
  });

  it("finds the position of a JSON syntax error", () => {
    const text = '{ "kind": "schedule", momentum: "0.9" }';
    expect(read(text, run)).toMatchObject({
      raw: null,
      policy: null,
      issue: { field: "", position: text.indexOf("momentum") },
    });
  });

  it("rejects __proto__, look-alike characters and huge documents", () => {
    expect(read('{"kind":"schedule","momentum":"0.9","__proto__":{"debias":true}}', run)).toMatchObject({
      policy: null,
      issue: { found: '"__proto__"' },
    });
    expect(read(withField({ kind: "schedule" }, "momentum", "1 − 1 / step"), run).issue).toMatchObject({
      position: 2,
      remedy: "Write - instead.",
    });
    expect(read(withField({ kind: "schedule" }, "momentum", "__proto__"), run).issue).toMatchObject({
      field: "momentum",
      position: 0,
    });
    const huge = `{"kind":"schedule","momentum":"${"1+".repeat(5_000_000)}1"}`;
    expect(read(huge, run)).toMatchObject({
      raw: null,
      policy: null,
      issue: { expected: expect.stringContaining("at most") },
    });
  });

  it("never throws, for any text in a field or the document", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.json()), (text) => {
        expect(read(text, run).policy === null || read(text, run).issue === null).toBe(true);
        const field = read(withField({ kind: "schedule" }, "momentum", text), run);
        expect((field.policy === null) === (field.issue !== null)).toBe(true);
      }),
    );
  });

  it("removes a field that is set to undefined, so that its default applies", () => {
    expect(withField({ kind: "schedule", momentum: "0.9", debias: true }, "debias", undefined)).toBe(
      write({ kind: "schedule", momentum: "0.9" }),
    );
  });
});

describe("templates", () => {
  it("are valid policies on the playground's run", () => {
    for (const { name, document } of templates) expect(read(write(document), run), name).toMatchObject({ issue: null });
  });

  it("are there for each kind of policy, since switching to it starts from one", () => {
    expect(new Set(templates.map(({ document }) => document.kind))).toEqual(new Set(policyKinds));
  });
});

describe("a link to a draft", () => {
  it("round-trips every published policy and any text", () => {
    for (const { document } of builtInPolicies)
      expect(parsePolicyText(policyTextOf(policyFragment(write(document)))!)).toEqual(document);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        let json = false;
        try {
          JSON.parse(text);
          json = true;
        } catch {
          // encoded without change
        }
        if (!json) expect(policyTextOf(policyFragment(text))).toBe(text);
      }),
    );
  });

  it("yields no document from an unrelated, broken or overlong fragment", () => {
    expect([
      policyTextOf(""),
      policyTextOf("#main"),
      policyTextOf("#policy=%"),
      policyTextOf(`#policy=${"x".repeat(70_000)}`),
    ]).toEqual([null, null, null, null]);
  });
});

describe("the gallery's URL", () => {
  const boards = ["digits-mlp", "mnist-mlp"];

  it("ignores unknown values", () => {
    expect(
      readView({ q: ["a"], kind: "code", board: "nowhere", variant: "none", sort: "password", page: "-1" }, boards),
    ).toEqual({ search: "", kind: null, board: "digits-mlp", variant: "bn", sort: null, page: 1 });
  });

  it("survives a round trip, for any combination", () => {
    const choice = fc.record(
      {
        q: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ""),
        kind: fc.constantFrom("schedule", "select", "recalibrate"),
        board: fc.constantFrom(...boards),
        variant: fc.constantFrom("bn", "bn-bfn"),
        sort: fc.constantFrom("policy", "memory", "rank", "accuracy"),
        direction: fc.constantFrom("ascending", "descending"),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(choice, (params) => {
        const href = viewHref(params, {});
        const back = Object.fromEntries(new URL(href, "http://site").searchParams);
        expect(readView(back, boards)).toEqual(readView(params, boards));
      }),
    );
  });

  it("goes back to the first page whenever a filter changes", () => {
    expect(viewHref({ page: "3", q: "cosine" }, { kind: "select" })).toBe("/policies?q=cosine&kind=select");
    expect(viewHref({ q: "cosine" }, { page: "2" })).toBe("/policies?q=cosine&page=2");
  });

  it("finds words in any order, ignoring case and accents; more words never match more", () => {
    expect(matches("COSINE byol", ["BYOL cosine", "1 − β", null])).toBe(true);
    expect(matches("resume", ["Résumé"])).toBe(true);
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string(),
        (text, one, more) => !matches(`${one} ${more}`, [text]) || matches(one, [text]),
      ),
    );
  });
});

describe("curves", () => {
  it("show one line if layers share β, otherwise one per layer", () => {
    expect(momentumCurves("1 - 1 / step", run)).toHaveLength(1);
    const apart = momentumCurves("1 - 0.1 * 0.5^layer", run);
    expect(apart.map(({ values }) => values[0])).toEqual([0.9, 0.95, 0.975]);
    expect([apart[0]!.steps[0], apart[0]!.steps.at(-1)]).toEqual([1, 290]);
  });

  it("stay drawable if β leaves [0, 1] or is NaN", () => {
    for (const { values } of [...momentumCurves("step / 100", run), ...momentumCurves("0 / 0", run)])
      expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});
