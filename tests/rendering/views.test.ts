/**
 * Whatever the rules accept can be shown: the pages of runs and policies and the comparison of runs are rendered from
 * arbitrary accepted submissions, within a bounded size.
 */
import fc from "fast-check";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it, vi } from "vitest";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { FlagList } from "@/app/_components/tables/flag-list";
import { RunList } from "@/app/_components/tables/run-list";
import { Runs } from "@/app/compare/runs";
import { BoardChart } from "@/app/leaderboard/board-charts";
import { range } from "@/app/leaderboard/chart-points";
import { LogTable } from "@/app/log/log-table";
import { FlagView } from "@/app/moderation/[id]/flag-view";
import { onOneScale, picture } from "@/app/og-picture";
import { PolicyView } from "@/app/policies/[slug]/policy-view";
import { RunView } from "@/app/runs/[id]/run-view";
import { datasetInfo } from "@/lib/datasets/registry";
import { policyHash } from "@/lib/dmbn/policy";
import type { ServerFacts, VerifiedScore } from "@/lib/leaderboard";
import {
  badge,
  benchmarks,
  bibtex,
  boardCharts,
  citationFile,
  citedPolicy,
  policyRule,
  readCompareView,
  submissionSchema,
  verifySubmission,
} from "@/lib/leaderboard";
import type { Recipe, RequiredMetric } from "@/lib/records";
import { figures, metricNames } from "@/lib/records";
import { layersOver } from "@/lib/server/boards/choices";
import { perClass } from "@/lib/server/boards/per-class";
import type { FlagInfo } from "@/lib/server/moderation/flags";
import type { RunDetail } from "@/lib/server/runs/read";
import { runFacts, runShape } from "@/lib/training";
import { rows } from "../leaderboard/a-row";
import { aSubmission, policies } from "../leaderboard/a-submission";
import type { Sent } from "./arbitrary";
import { bend, bent, fraction, measurement, policy, policyDescription, policyName, reason, sent } from "./arbitrary";
import { render } from "./render";

// React's production build, as on the site: several times as fast.
vi.hoisted(() => Object.assign(process.env, { NODE_ENV: "production" }));

/** A run as it is read back after publishing. */
function detailOf({ submission: { record }, names }: Sent, scores: readonly VerifiedScore[]): RunDetail {
  const { manifest, curves, timings } = record;
  const rows = scores.map(({ record: score, predictions: _, esm, ...figures }) => ({
    ...figures,
    method: score.method,
    momentumPerLayer: score.momentumPerLayer,
    edgeOfGrid: score.edgeOfGrid,
    esm: score.esm,
    esmTotal: esm,
    policy: { slug: score.policy.slug, name: names.get(score.policy.slug)!, rule: "β", kind: "schedule" },
  }));
  const best = rows.reduce((most, row) => (row.accuracy > most.accuracy ? row : most));
  return {
    id: "019ab000-0000-7000-8000-000000000000",
    createdAt: new Date("2026-11-26"),
    user: "ada",
    benchmark: null,
    dataset: manifest.dataset.slug,
    variant: manifest.variant,
    seed: manifest.seed,
    tier: 2,
    ranks: true,
    weights: null,
    seedFrom: "board",
    methods: rows.length,
    issues: [],
    best: { method: best.method, policy: best.policy, accuracy: best.accuracy },
    manifest,
    curves,
    timings,
    scores: rows,
    predictions: { sha256: "0".repeat(64), bytes: 1000 },
    audit: null,
    auditWaits: false,
    reproductionOf: null,
    reproductions: 0,
    reproducedBy: [],
  };
}

/** The run if the rules accept the submission; every refusal says what is wrong. */
function accepted(given: Sent, body: unknown): RunDetail | null {
  const parsed = submissionSchema.safeParse(body);
  if (!parsed.success) return null;
  const verification = verifySubmission(parsed.data, given.facts);
  if ("scores" in verification) return detailOf({ ...given, submission: parsed.data }, verification.scores);
  for (const { field, expected, found, remedy } of verification.refusals)
    expect([field, expected, found, remedy].every((text) => text.length > 0 && text.length < 4000)).toBe(true);
  return null;
}

const drawRun = (run: RunDetail): string =>
  render(createElement(RunView, { run, chosen: run.scores.at(-1)!, mistakes: { mistakes: [], of: 0 }, query: {} }));

function factsOf(recipe: Recipe): ServerFacts {
  const info = datasetInfo(recipe.dataset);
  const testLabels = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % info.classes.length);
  const { slug, version, classes } = info;
  const dataset = { slug, version, subset: null, hash: "d".repeat(64), classes: classes.length, testLabels };
  return { benchmark: null, policies, dataset, run: runFacts(recipe, "bn") };
}

const given = (entry: Sent) => accepted(entry, entry.submission);

it("shows every run that the rules accept, whatever its numbers, texts, recipe and policies", () => {
  const counts = { shown: 0, bent: 0, misfits: 0 };
  fc.assert(
    fc.property(sent, bend, (entry, change) => {
      const run = given(entry);
      if (run) {
        drawRun(run);
        counts.shown++;
      } else counts.misfits++; // a recipe that doesn't fit its data set
      const changed = accepted(entry, bent(entry.submission, change));
      if (!changed) return;
      drawRun(changed);
      counts.bent++;
    }),
    { numRuns: 2600 },
  );
  console.info(`Runs shown: ${counts.shown} as sent, ${counts.bent} bent; ${counts.misfits} did not fit their data.`);
  expect(counts.shown).toBeGreaterThan(2000);
  expect(counts.bent).toBeGreaterThan(20);
}, 600_000);

it("shows a run of as many policies as a record holds, on the largest network", () => {
  const slugs = [...policies.keys()];
  const benchmark = {
    ...benchmarks[0]!,
    recipe: { ...benchmarks[0]!.recipe, dataset: "cifar-100", model: "resnet-50", calibrationSize: 100 } as const,
  };
  const facts = factsOf(benchmark.recipe);
  const submission = aSubmission({ dataset: facts.dataset, benchmark, policies: slugs });
  submission.record.benchmark = null;
  const run = accepted({ submission, facts, names: new Map(slugs.map((slug) => [slug, slug])) }, submission);
  expect(run!.scores).toHaveLength(slugs.length);
  expect(run!.scores[0]!.esm).toHaveLength(53);
  drawRun(run!);
});

it("compares any runs that the rules accept", () => {
  fc.assert(
    fc.property(fc.array(sent, { minLength: 1, maxLength: 4 }), (entries) => {
      const runs = entries.flatMap((entry) => given(entry) ?? []);
      if (runs.length === 0) return;
      const compared = runs.map((run, index) => {
        const [score] = run.scores;
        const matrices = new Map([["", [score!.confusionMatrix]]]);
        return {
          ...run,
          id: `${index}`,
          score: score!,
          classes: perClass(matrices, null, datasetInfo(run.dataset).classes),
        };
      });
      const policy = { slug: "policy-0", name: runs[0]!.scores[0]!.policy.name };
      render(
        createElement(Runs, {
          view: readCompareView({ runs: compared.map(({ id }) => id).join(",") }),
          comparison: { runs: compared, unknown: [], policies: [policy], policy, pairs: [] },
          others: runs,
          address: "https://site.example/compare",
        }),
      );
      render(createElement(RunList, { caption: "Runs", runs, showUser: true }));
    }),
    { numRuns: 150 },
  );
}, 600_000);

const citedFrom = "https://site.example";

it("shows every policy that the language accepts, drawn for every benchmark, with the layers of its runs", () => {
  fc.assert(
    fc.property(policy, policyName, policyDescription, sent, fc.constantFrom(...benchmarks), (...values) => {
      const [document, name, description, entry, reference] = values;
      const scores = given(entry)?.scores ?? [];
      const details = {
        slug: "a-policy",
        hash: policyHash(document),
        name,
        description,
        rule: policyRule(document),
        kind: document.kind,
        document,
        source: { title: name, url: "https://example.org/?q=%00" },
        builtIn: false,
        author: "ada",
        createdAt: new Date("2026-11-26"),
        aliases: [{ name, source: { title: description, url: null } }],
        forkOf: { slug: "other", name },
        forks: [{ slug: "another", name }],
        standings: [],
        answer: "Behind on 1 of 1 board (by 1.2 points on it).",
        scoring: [],
        issues: [],
      };
      const layers = layersOver(
        scores.map(({ esm, momentumPerLayer, edgeOfGrid }) => ({ esmLayers: esm, momentumPerLayer, edgeOfGrid })),
      );
      const choices = [{ benchmark: reference, variant: "bn" as const, division: "open" as const, layers }];
      const citation = bibtex(citedPolicy(details), citedFrom);
      expect(citationFile(citedPolicy(details), citedFrom).length).toBeLessThan(20_000);
      render(createElement(PolicyView, { details, choices, reference, citation, embed: citation }));
    }),
    { numRuns: 400 },
  );
}, 600_000);

it("shows every flag, whatever its reasons, reply and decision say, to everyone who may see it, and its log", () => {
  fc.assert(
    fc.property(policyName, reason, fc.option(reason), fc.option(reason), fc.boolean(), fc.boolean(), (...values) => {
      const [title, why, reply, decision, isAuthor, isMaintainer] = values;
      const createdAt = new Date("2026-11-26");
      const subject = { kind: "policy" as const, id: "a-policy", url: "/policies/a-policy", title, author: "ada" };
      const flag: FlagInfo = {
        id: "019ab000-0000-7000-8000-000000000000",
        subject: { ...subject, hidden: decision !== null },
        reason: why,
        state: decision === null ? "open" : "upheld",
        reply,
        decision,
        decidedBy: decision && "grace",
        appeal: decision && reply,
        appealedAt: decision && reply ? createdAt : null,
        settledAt: null,
        decidedAt: decision === null ? null : createdAt,
        createdAt,
      };
      const page = render(createElement(FlagView, { flag, account: "ada", isAuthor, isMaintainer }));
      render(createElement(FlagList, { caption: "Flags", flags: [flag] }));
      const entry = {
        id: "1",
        action: "flag.upheld",
        subject: "policy",
        subjectId: "a-policy",
        actor: "grace",
        createdAt,
      };
      const log = render(
        createElement(LogTable, { pages: new Map(), records: [{ ...entry, detail: { flag: flag.id, reason: why } }] }),
      );
      for (const shown of [page, log]) expect(shown).toContain(renderToStaticMarkup(why));
      for (const text of [title, reply, decision]) if (text) expect(page).toContain(renderToStaticMarkup(text));
    }),
    { numRuns: 400 },
  );
}, 600_000);

it("draws every chart of a board, and its badges, whatever its figures", () => {
  const shifted = fc.tuple(rows, measurement, fc.option(measurement), policy).map(([row, mean, half, document]) => ({
    ...row,
    document,
    esm: { mean, deviation: half, low: half && mean - half, high: half && mean + half },
    badge: memoryBadge(document, runShape(benchmarks[0]!.recipe)),
  }));
  fc.assert(
    fc.property(fc.array(shifted, { maxLength: 12 }), (entries) => {
      for (const chart of boardCharts)
        render(createElement(BoardChart, { chart, rows: entries, cut: false, file: "/" }));
      // No chart draws an optional one.
      for (const row of entries)
        for (const metric of metricNames.filter((name): name is RequiredMetric => !figures[name].optional)) {
          const { low, high } = range(row, metric);
          const { least, most = Infinity } = figures[metric].range;
          if (low !== null) expect(low).toBeGreaterThanOrEqual(least);
          if (high !== null) expect(high).toBeLessThanOrEqual(most);
        }
      for (const { policy } of entries) expect(badge({ label: policy.name, message: policy.rule })).toMatch(/^<svg/);
    }),
    { numRuns: 150 },
  );
}, 600_000);

it("draws the picture of any run and policy as a PNG, and asks no other server for a font", async () => {
  const asked = vi.spyOn(globalThis, "fetch");
  await fc.assert(
    fc.asyncProperty(
      policyName,
      policyDescription,
      fc.array(fc.tuple(policyName, fraction), { maxLength: 5 }),
      async (...values) => {
        const [title, note, methods] = values;
        const lines = onOneScale(methods.map(([name, mean]) => ({ name, mean, low: null, high: null })));
        const drawn = await picture({
          kind: "Run",
          title,
          note,
          rows: lines.map((line) => ({ ...line, value: `${line.mean}` })),
        });
        const bytes = new Uint8Array(await drawn.arrayBuffer());
        expect([...bytes.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join("")).toBe("PNG");
        expect(bytes.length).toBeLessThan(500_000);
        expect(
          asked.mock.calls.map(([address]) => String(address)).filter((address) => /^https?:/.test(address)),
        ).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
}, 600_000);
