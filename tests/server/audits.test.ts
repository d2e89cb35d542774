/** Audits of honest runs and of forged ones: which rank, which don't, and what is said of them. */

import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { afterAll, beforeAll, expect, it } from "vitest";
import { evaluate } from "@/lib/evaluation";
import type { Benchmark, Submission } from "@/lib/leaderboard";
import { benchmarks, predictionsScored, scorerVersion, trainedAgain } from "@/lib/leaderboard";
import { startNodeBackend } from "@/lib/runtime/node";
import { auditRun } from "@/lib/server/audits/audit";
import { deviceRecords } from "@/lib/server/audits/devices";
import { auditState } from "@/lib/server/audits/read";
import { auditedToday, isAudited } from "@/lib/server/audits/which";
import { rankBoard } from "@/lib/server/boards/rank";
import { boardPage } from "@/lib/server/boards/read";
import { refreshBoards } from "@/lib/server/boards/refresh";
import { logPage } from "@/lib/server/moderation/log";
import { decideFlag, raiseFlag } from "@/lib/server/moderation/moderate";
import { publish } from "@/lib/server/runs/publish";
import { run } from "@/lib/server/runs/read";
import { jobKinds, lease } from "@/lib/server/scoring/jobs";
import { startScorer } from "@/lib/server/scoring/scorer";
import type { TestData } from "../leaderboard/a-submission";
import { aSubmission } from "../leaderboard/a-submission";
import { honestRun } from "../support/honest-run";
import { ranked } from "./a-ticket";
import { onEachDatabase } from "./databases";
import { accounts, digitsTestData } from "./material";

const benchmarkNamed = (slug: string) => benchmarks.find((known) => known.slug === slug)!;
const short = benchmarkNamed("digits-mlp-short");
const policies = ["pytorch-default", "static-0.5", "dmbn", "precise-bn"];
const scorer = startScorer();
afterAll(() => scorer.stop());

let dataset: TestData;
beforeAll(async () => {
  dataset = await digitsTestData();
  await startNodeBackend("wasm", { threads: 1 });
});

type Predictions = Map<string, Uint8Array>;
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
const predictionsOf = ({ predictions }: Submission): Predictions =>
  new Map(Object.entries(predictions).map(([method, text]) => [method, bytes(text)]));

/** The submission with other predictions, and with the figures that follow from them. */
function withPredictions(submission: Submission, predictions: Predictions): Submission {
  const { testLabels: labels, classes } = dataset;
  return {
    ...submission,
    record: {
      ...submission.record,
      scores: submission.record.scores.map((score) => ({
        ...score,
        ...evaluate({ labels, predictions: predictions.get(score.method)!, classes }),
      })),
    },
    predictions: Object.fromEntries(
      [...predictions].map(([method, ids]) => [method, Buffer.from(ids).toString("base64")]),
    ),
  };
}

const withLosses = (submission: Submission, change: (value: number, index: number) => number): Submission => {
  const { curves } = submission.record;
  const loss = curves.loss.map(({ step, value }, index) => ({ step, value: change(value, index) }));
  return { ...submission, record: { ...submission.record, curves: { ...curves, loss } } };
};

/** Each prediction of each method changed by itself. */
const mapped = (submission: Submission, change: (id: number, index: number, method: string) => number): Submission =>
  withPredictions(
    submission,
    new Map([...predictionsOf(submission)].map(([method, ids]) => [method, ids.map((id, i) => change(id, i, method))])),
  );

const claiming = (submission: Submission, backend: "webgpu"): Submission => ({
  ...submission,
  record: {
    ...submission.record,
    manifest: { ...submission.record.manifest, backend: { ...submission.record.manifest.backend, name: backend } },
  },
});

interface Material {
  /** Trained with the seed of the ticket. */
  honest: Submission;
  /** Trained with another seed. */
  other: Submission;
  /** Trained for longer, at another rate, in another variant; all with the ticket's seed. */
  longer: Submission;
  faster: Submission;
  batchFree: Submission;
}

const label = (index: number): number => dataset.testLabels[index]!;
const rotate = (ids: Uint8Array, by: number): Uint8Array => ids.map((_, i) => ids[(i + by) % ids.length]!);

const forged: Record<string, (material: Material) => Submission> = {
  "the labels, in every method": ({ honest }) => mapped(honest, (_, i) => label(i)),
  "the labels, in one method": ({ honest }) =>
    mapped(honest, (id, i, method) => (method === "bn/dmbn" ? label(i) : id)),
  "the labels but for one in fifty": ({ honest }) => mapped(honest, (id, i) => (i % 50 === 0 ? id : label(i))),
  "half of its mistakes mended": ({ honest }) => mapped(honest, (id, i) => (i % 2 === 0 ? label(i) : id)),
  "ten of the mistakes of one method mended": ({ honest }) => {
    let mended = 0;
    return mapped(honest, (id, i, method) =>
      method === "bn/dmbn" && id !== label(i) && mended++ < 10 ? label(i) : id,
    );
  },
  "ten right ones of another method spoilt": ({ honest }) => {
    let spoilt = 0;
    return mapped(honest, (id, i, method) =>
      method === "bn/pytorch-default" && id === label(i) && spoilt++ < 10 ? (id + 1) % 10 : id,
    );
  },
  "its predictions in another order": ({ honest }) =>
    withPredictions(honest, new Map([...predictionsOf(honest)].map(([method, ids]) => [method, rotate(ids, 7)]))),
  "one method's predictions in all": ({ honest }) => {
    const best = predictionsOf(honest).get("bn/precise-bn")!;
    return mapped(honest, (_, i) => best[i]!);
  },
  "two methods' predictions exchanged": ({ honest }) => {
    const all = predictionsOf(honest);
    const [a, b] = ["bn/static-0.5", "bn/precise-bn"].map((method) => all.get(method)!);
    return withPredictions(honest, new Map([...all]).set("bn/static-0.5", b!).set("bn/precise-bn", a!));
  },
  "a vote of its methods": ({ honest }) => {
    const all = [...predictionsOf(honest).values()];
    const vote = (i: number) => {
      const counts = new Map<number, number>();
      for (const ids of all) counts.set(ids[i]!, (counts.get(ids[i]!) ?? 0) + 1);
      return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
    };
    return mapped(honest, (_, i) => vote(i));
  },
  "classes at random": ({ honest }) => {
    const draw = xoroshiro128plus(3);
    return mapped(honest, () => Math.abs(draw.next()) % 10);
  },
  "one class for all": ({ honest }) => mapped(honest, () => 3),
  "another seed's run": ({ honest, other }) => ({
    ...other,
    record: { ...other.record, manifest: honest.record.manifest },
  }),
  "another seed's predictions, and its own losses": ({ honest, other }) =>
    withPredictions(honest, predictionsOf(other)),
  "another seed's losses, and its own predictions": ({ honest, other }) =>
    withLosses(honest, (_, i) => other.record.curves.loss[i]!.value),
  "losses that fall faster": ({ honest }) => withLosses(honest, (value) => 0.9 * value),
  "losses that end lower": ({ honest }) => withLosses(honest, (value, i) => (i < 20 ? value : 0.5 * value)),
  "predictions of a longer training": ({ honest, longer }) => withPredictions(honest, predictionsOf(longer)),
  "a training at another rate": ({ honest, faster }) => ({
    ...faster,
    record: { ...faster.record, manifest: honest.record.manifest },
  }),
  "predictions of another variant": ({ honest, batchFree }) =>
    withPredictions(
      honest,
      new Map([...predictionsOf(batchFree)].map(([method, ids]) => [method.replace("bn-bfn/", "bn/"), ids])),
    ),
  "another seed's run, said to be from a GPU": ({ honest, other }) =>
    claiming({ ...other, record: { ...other.record, manifest: honest.record.manifest } }, "webgpu"),
  "the labels, said to be from a GPU": ({ honest }) =>
    claiming(
      mapped(honest, (_, i) => label(i)),
      "webgpu",
    ),
};

onEachDatabase("audits", (installation) => {
  let author: string;
  let keeper: string;
  beforeAll(async () => {
    const { db } = installation();
    [author, keeper] = await accounts(db, "author", "keeper");
  });

  const published = async (submission: Submission): Promise<string> => {
    const outcome = await publish(await ranked(installation().db, submission), author, installation());
    if ("refusals" in outcome) throw new Error(JSON.stringify(outcome.refusals));
    return outcome.runId;
  };
  const audited = async (id: string) => {
    await auditRun(id, { ...installation(), scorer });
    const { db } = installation();
    return {
      run: (await run(id, db))!,
      audit: await db.audit.findFirstOrThrow({ where: { runId: id }, orderBy: { createdAt: "desc" } }),
    };
  };
  const board = async ({ slug }: Benchmark) =>
    (await boardPage(slug, { division: "open", rows: "all" }, { take: 1000 }, installation().db))!.rows;

  it("finds every prediction of honest runs again, in every variant", async () => {
    for (const [index, variant] of (["bn", "bn-bfn", "bfn"] as const).entries()) {
      for (const benchmark of [short, benchmarkNamed("digits-mlp")]) {
        const id = await published(await honestRun({ benchmark, seed: 500 + index, variant, policies }));
        expect(await run(id, installation().db)).toMatchObject({ tier: predictionsScored, ranks: true });
        const { run: after, audit } = await audited(id);
        expect(audit).toMatchObject({
          outcome: "same",
          predictions: policies.length * dataset.testLabels.length,
          differing: 0,
          reason: null,
        });
        expect(after).toMatchObject({ tier: trainedAgain, ranks: true });
      }
    }
    for (const { tier } of await board(short)) expect(tier).toBe(trainedAgain);
    expect(await auditedToday(installation().db)).toBeGreaterThan(0);
  });

  it("lets no forged run rank, and says why", async () => {
    const { db } = installation();
    const before = (await board(short)).map(({ updatedAt: _, ...row }) => row);
    const reasons: Record<string, string> = {};
    for (const [index, [kind, forge]] of Object.entries(forged).entries()) {
      const options = { benchmark: short, seed: 600 + index, policies };
      const material: Material = {
        honest: await honestRun(options),
        other: await honestRun({ ...options, seed: 6000 }),
        longer: await honestRun({ ...options, recipe: { epochs: 5 } }),
        faster: await honestRun({ ...options, recipe: { learningRate: 0.1 } }),
        batchFree: await honestRun({ ...options, variant: "bn-bfn" }),
      };
      const id = await published(forge(material));
      const { run: after, audit } = await audited(id);
      reasons[kind] = audit.reason ?? "no reason";
      expect({ kind, outcome: audit.outcome, ranks: after.ranks, tier: after.tier }).toEqual({
        kind,
        outcome: "differs",
        ranks: false,
        tier: predictionsScored,
      });
      const [entry] = await logPage({ take: 1, subject: "run", subjectId: id }, db);
      expect(entry).toMatchObject({ action: "run.failed_audit", actor: null });
      expect(String(entry!.detail.reason)).toContain(audit.reason!);
    }
    expect(Object.keys(forged).length).toBeGreaterThanOrEqual(20);
    for (const reason of Object.values(reasons)) expect(reason).toMatch(/predictions|loss/);
    expect((await board(short)).map(({ updatedAt: _, ...row }) => row)).toEqual(before);
  });

  it("lets the author answer, and a maintainer undo it", async () => {
    const { db } = installation();
    const id = await published(mapped(await honestRun({ benchmark: short, seed: 700, policies }), (_, i) => label(i)));
    const { audit } = await audited(id);
    await decideFlag(audit.flagId!, { state: "dismissed", reason: "The server was wrong." }, keeper, db);
    expect(await run(id, db)).toMatchObject({ ranks: true });
    await audited(id);
    expect(await run(id, db)).toMatchObject({ ranks: false });
    const flags = await db.flag.findMany({ where: { subjectId: id }, orderBy: { createdAt: "asc" } });
    expect(flags.map(({ state, reporterId }) => [state, reporterId])).toEqual([
      ["dismissed", null],
      ["open", null],
    ]);
    await decideFlag(flags[1]!.id, { state: "upheld", reason: "These are the labels." }, keeper, db);
    expect(await run(id, db)).toBeNull(); // hidden
    await auditRun(id, { ...installation(), scorer });
    expect(await db.audit.count({ where: { runId: id } })).toBe(2); // what is hidden isn't audited
  });

  it("is queued for what ranks on dense networks, for some of the others, and for what is flagged", async () => {
    const { db } = installation();
    const waiting = async (id: string) => db.job.count({ where: { kind: "audit", runId: id, failedAt: null } });
    const submission = await honestRun({ benchmark: short, seed: 800, policies });
    const counted = await published(submission);
    expect(await waiting(counted)).toBe(1);
    const own = await publish({ ...submission, idempotencyKey: crypto.randomUUID() }, author, installation());
    if ("refusals" in own) throw new Error("refused");
    expect(await waiting(own.runId)).toBe(0);
    await raiseFlag({ subject: "run", id: own.runId, reason: "It looks odd." }, keeper, db);
    expect(await waiting(own.runId)).toBe(1);

    const { recipe } = benchmarkNamed("fashion-mnist-cnn");
    const { id: ofConvolutions } = await db.benchmark.findFirstOrThrow({ where: { slug: "fashion-mnist-cnn" } });
    const { id: policyId } = await db.policy.findUniqueOrThrow({ where: { slug: "dmbn" } });
    const chosen = (accuracy: number, draw: number, aDay = 1) =>
      isAudited(
        db,
        { recipe, benchmarkId: ofConvolutions, variant: "bn", scores: [{ method: "bn/dmbn", policyId, accuracy }] },
        { draw: () => draw, aDay },
      );
    const draws = await Promise.all(Array.from({ length: 10 }, (_, draw) => chosen(0.9, draw)));
    expect(draws.filter(Boolean)).toHaveLength(1);
    await db.benchmark.update({ where: { id: ofConvolutions }, data: { rankedOn: "held_out" } });
    for (let number = 1; number <= 5; number += 1) {
      const { id: trajectoryId } = await db.trajectory.create({
        data: {
          benchmarkId: ofConvolutions,
          variant: "bn",
          seed: number,
          visibility: "held_out",
          number,
          artifactKey: "none",
          artifactHash: "none",
          artifactBytes: 0,
          datasetVersion: "1",
          datasetHash: "none",
          software: {},
        },
      });
      await db.score.create({
        data: {
          policyId,
          trajectoryId,
          scorerVersion,
          accuracy: 0.85 + number / 100,
          sensitivity: 0,
          specificity: 0,
          fScore: 0,
          esm: 0,
          confusionMatrix: [],
          esmLayers: [],
          momentumPerLayer: [],
          edgeOfGrid: [],
          predictionsHash: "none",
        },
      });
    }
    // Of 86 to 90 %: no further out than these are apart, or far below, as of somebody who doesn't like the method.
    expect([await chosen(0.83, 5), await chosen(0.93, 5), await chosen(0.7, 5), await chosen(0.99, 5)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect([await chosen(0.7, 0, 0)]).toEqual([false]); // this site has no audits

    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: short.slug } });
    const leasable = { kinds: jobKinds, recordable: [], paused: true };
    expect(await lease(db, "background", { ...leasable, auditable: [] })).toBeNull(); // no data, or no budget
    expect(await lease(db, "background", { ...leasable, auditable: [benchmarkId] })).toMatchObject({ kind: "audit" });
  });

  it("lets no method lead before all of its runs were trained again", async () => {
    const { db } = installation();
    const benchmark = benchmarkNamed("digits-cnn");
    const ids: string[] = [];
    for (let seed = 0; seed < 10; seed += 1)
      ids.push(await published(aSubmission({ dataset, benchmark, seed, wrongEvery: [40 + seed, 4] })));
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: benchmark.slug } });
    const named = await db.policy.findMany({ where: { slug: { in: ["pytorch-default", "keras-default"] } } });
    const rankedWith = async (passed: readonly string[]) => {
      await db.run.updateMany({ where: { id: { in: [...passed] } }, data: { tier: trainedAgain } });
      const policyIds = named.map(({ id }) => id);
      await db.$transaction((tx) => refreshBoards(tx, [{ benchmarkId, division: "open", variant: "bn", policyIds }]));
      await rankBoard(db, { benchmarkId, division: "open" });
      return new Map((await board(benchmark)).map(({ policy, band }) => [policy.slug, band]));
    };
    await db.job.deleteMany({ where: { benchmarkId } });
    const before = await rankedWith([]);
    expect([before.get("pytorch-default"), before.get("keras-default")]).toEqual([null, null]);
    expect(await db.job.count({ where: { benchmarkId, kind: "audit" } })).toBe(10); // each is to be trained again
    expect((await rankedWith(ids.slice(1))).get("pytorch-default")).toBeNull();
    const after = await rankedWith(ids);
    expect([after.get("pytorch-default"), after.get("keras-default")]).toEqual([
      { first: 1, last: 1 },
      { first: 2, last: 2 },
    ]);
  });

  it("says that it can't tell what another version of the software made, and doesn't count it", async () => {
    const submission = await honestRun({ benchmark: short, seed: 900, policies });
    submission.record.manifest.software.dmbench = "0.0.9";
    const earlier = mapped(submission, (id, i) => (i % 3 === 0 ? label(i) : id));
    const { run: after, audit } = await audited(await published(earlier));
    expect(audit).toMatchObject({ outcome: "unknown" });
    expect(audit.reason).toMatch(/another version/);
    expect(after).toMatchObject({ ranks: false, tier: predictionsScored }); // or it kept its methods from leading
  });

  it("sets a device class aside once most of its audited runs differ, of three accounts: its runs count once audited", async () => {
    const { db } = installation();
    const people = await accounts(db, "ann", "ben", "cas");
    const onOddGpu = async (seed: number): Promise<Submission> => {
      const submission = await honestRun({ benchmark: short, seed, policies });
      submission.record.manifest.backend.adapter = "Odd GPU";
      return submission;
    };
    const send = async (submission: Submission, who: string): Promise<string> => {
      const outcome = await publish(await ranked(db, submission), who, installation());
      if ("refusals" in outcome) throw new Error(JSON.stringify(outcome.refusals));
      return outcome.runId;
    };
    const ranks = async (id: string) => (await run(id, db))!.ranks;
    const record = async () => (await deviceRecords(db)).find(({ adapter }) => adapter === "Odd GPU");
    const early = await send(await onOddGpu(950), author);
    await db.job.deleteMany({ where: { runId: early } });
    for (const [index, who] of [people[0]!, people[0]!, people[0]!, people[1]!, people[2]!].entries()) {
      const forged = mapped(await onOddGpu(951 + index), (_, i) => label(i));
      const id = await send(forged, who);
      expect(await ranks(id)).toBe(true); // one account, or two, may be somebody who doesn't like the device
      await audited(id);
    }
    expect(await record()).toEqual({ backend: "wasm", adapter: "Odd GPU", passed: 0, failed: 5, accounts: 3 });
    expect((await auditState(db)).devices.filter(({ setAside }) => setAside)).toMatchObject([{ adapter: "Odd GPU" }]);
    // A counted run that was not audited is now, and keeps its place if it passes.
    expect(await db.job.count({ where: { kind: "audit", runId: early } })).toBe(1);
    const late = await send(await onOddGpu(960), author);
    expect(await ranks(late)).toBe(false);
    expect(await db.job.count({ where: { kind: "audit", runId: late } })).toBe(1);
    for (const id of [early, late]) {
      await audited(id);
      expect(await ranks(id)).toBe(true);
    }
    // Of another class nothing changes.
    expect(await ranks(await send(await honestRun({ benchmark: short, seed: 961, policies }), author))).toBe(true);
    // Once more pass than differ, it is set aside no longer.
    for (let seed = 962; seed < 966; seed += 1) await audited(await send(await onOddGpu(seed), author));
    expect(await record()).toMatchObject({ passed: 6, failed: 5 });
    expect(await ranks(await send(await onOddGpu(966), author))).toBe(true);
  });

  it("lets a flagged run that passes its audit not count again by itself", async () => {
    const { db } = installation();
    const id = await published(await honestRun({ benchmark: short, seed: 970, policies }));
    await db.run.update({ where: { id }, data: { ranks: false } });
    await raiseFlag({ subject: "run", id, reason: "It looks odd." }, keeper, db);
    expect((await audited(id)).run).toMatchObject({ tier: trainedAgain, ranks: false });
  });
});
