/** Weights and traces that come with runs: what the server takes, what it finds, and what becomes of the run. */
import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Submission } from "@/lib/leaderboard";
import { benchmarks, predictionsScored, trainedAgain, weightsKept, weightsReEvaluated } from "@/lib/leaderboard";
import type { Trajectory } from "@/lib/records";
import { decodeSafetensors, decodeTrajectory, encodeSafetensors, encodeTrajectory } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { bucketStore } from "@/lib/server/artifacts";
import { auditRun } from "@/lib/server/audits/audit";
import { auditedToday } from "@/lib/server/audits/which";
import { openBucket } from "@/lib/server/bucket";
import { logPage } from "@/lib/server/moderation/log";
import { decideFlag, raiseFlag } from "@/lib/server/moderation/moderate";
import { publish } from "@/lib/server/runs/publish";
import { run } from "@/lib/server/runs/read";
import { listTrajectories, trajectoryFile } from "@/lib/server/scoring/public-trajectories";
import { catchUp } from "@/lib/server/scoring/score-trajectory";
import { startScorer } from "@/lib/server/scoring/scorer";
import { checkWeights } from "@/lib/server/weights/check";
import { announceWeights, takeWeights } from "@/lib/server/weights/receive";
import { runWithWeights } from "../support/honest-run";
import { startS3 } from "../support/s3";
import { ranked } from "./a-ticket";
import { onEachDatabase } from "./databases";
import { accounts } from "./material";

const short = benchmarks.find(({ slug }) => slug === "digits-mlp-short")!;
const policies = ["pytorch-default", "static-0.5", "dmbn", "precise-bn"];
const scorer = startScorer();
afterAll(() => scorer.stop());
beforeAll(() => startNodeBackend("wasm", { threads: 1 }));

const sha256 = (file: Uint8Array): string => createHash("sha256").update(file).digest("hex");

/** The file with another content. */
const changed = (file: Uint8Array, change: (trajectory: Trajectory) => void): Uint8Array => {
  const trajectory = decodeTrajectory(file);
  change(trajectory);
  return encodeTrajectory(trajectory);
};
const firstOf = ({ weights }: Trajectory): Float32Array => Object.values(weights)[0]!;

onEachDatabase("weights of runs", (installation) => {
  let author: string;
  let other: string;
  let keeper: string;
  beforeAll(async () => {
    [author, other, keeper] = await accounts(installation().db, "author", "other", "keeper");
  });

  const published = async (submission: Submission, { withTicket = true } = {}): Promise<string> => {
    const { db } = installation();
    const outcome = await publish(withTicket ? await ranked(db, submission) : submission, author, installation());
    if ("refusals" in outcome) throw new Error(JSON.stringify(outcome.refusals));
    return outcome.runId;
  };
  const take = (runId: string, file: Uint8Array, userId = author) =>
    takeWeights({ runId, userId, file }, installation());
  const announce = (runId: string, file: Uint8Array, userId = author) =>
    announceWeights({ runId, userId, sha256: sha256(file), bytes: file.length }, installation());
  const check = async (id: string) => {
    await checkWeights(id, { ...installation(), scorer });
    return (await run(id, installation().db))!;
  };
  const audit = (id: string) => auditRun(id, { ...installation(), scorer });
  const publicFiles = async (file: Uint8Array) =>
    (await listTrajectories({}, installation().db)).filter(({ sha256: hash }) => hash === sha256(file));

  it("are scored on, and join the public trajectories once the run has passed an audit", async () => {
    const { db, store } = installation();
    const { submission, weights } = await runWithWeights({ benchmark: short, seed: 1000, policies });
    const id = await published(submission);
    expect((await run(id, db))!.weights).toBeNull();
    expect(await announce(id, weights)).toEqual({
      state: "upload",
      url: `/api/v1/runs/${id}/weights`,
      headers: { "content-type": "application/octet-stream" },
    });
    expect(await take(id, weights)).toEqual({ state: "received" });
    expect(await take(id, weights)).toEqual({ state: "received" });
    expect(await announce(id, weights)).toEqual({ state: "received" });
    expect(await db.job.count({ where: { kind: "weights", runId: id } })).toBe(1);

    const before = await auditedToday(db);
    const checked = await check(id);
    expect(checked).toMatchObject({ tier: weightsReEvaluated, ranks: true });
    expect(checked.weights).toMatchObject({
      outcome: "same",
      predictions: policies.length * 355,
      differing: 0,
      reason: null,
      url: null, // not audited yet
      scored: 0,
    });
    expect(await auditedToday(db)).toBeGreaterThan(before);
    expect(await publicFiles(weights)).toEqual([]);
    expect(await trajectoryFile(sha256(weights), db, store)).toBeNull();

    await audit(id);
    expect(await publicFiles(weights)).toMatchObject([{ seed: 1000, variant: "bn", visibility: "public" }]);
    expect(Buffer.compare((await trajectoryFile(sha256(weights), db, store))!, weights)).toBe(0);
    const { trajectoryId } = await db.runWeights.findUniqueOrThrow({ where: { runId: id } });
    const scored = await catchUp(trajectoryId!, { ...installation(), scorer });
    expect(scored).toBeGreaterThan(policies.length);
    expect(await run(id, db)).toMatchObject({
      tier: trainedAgain,
      weights: { url: `/api/v1/trajectories/${sha256(weights)}`, scored },
    });
    const [entry] = await logPage({ take: 1, subject: "trajectory", subjectId: trajectoryId! }, db);
    expect(entry).toMatchObject({ action: "trajectory.added", detail: { run: id, sha256: sha256(weights) } });
    // What the server scored anew is what the run was published with.
    for (const { method, accuracy } of (await run(id, db))!.scores) {
      const again = await db.score.findFirstOrThrow({
        where: { trajectoryId: trajectoryId!, policy: { slug: method.slice(3) } },
      });
      expect([method, again.accuracy]).toEqual([method, accuracy]);
    }
  });

  it("are withdrawn while the run is hidden, and come back with it", async () => {
    const { db, store } = installation();
    const { submission, weights } = await runWithWeights({ benchmark: short, seed: 1001, policies });
    const id = await published(submission);
    await audit(id); // the other order
    await take(id, weights);
    expect(await check(id)).toMatchObject({ tier: trainedAgain });
    expect(await publicFiles(weights)).toHaveLength(1);
    const raised = await raiseFlag({ subject: "run", id, reason: "It looks odd." }, keeper, db);
    if ("refusal" in raised) throw new Error("refused");
    await decideFlag(raised.id, { state: "upheld", reason: "It is odd." }, keeper, db);
    expect(await publicFiles(weights)).toEqual([]);
    expect(await trajectoryFile(sha256(weights), db, store)).toBeNull();
    const { trajectoryId } = await db.runWeights.findUniqueOrThrow({ where: { runId: id } });
    expect(await catchUp(trajectoryId!, { ...installation(), scorer })).toBe(0);
    expect(await take(id, weights)).toBe("no-run");
    // Another run joins meanwhile: numbers are not used twice.
    const next = await runWithWeights({ benchmark: short, seed: 1002, policies: ["dmbn"] });
    const nextId = await published(next.submission);
    await take(nextId, next.weights);
    await check(nextId);
    await audit(nextId);
    await decideFlag(raised.id, { state: "dismissed", reason: "It is not." }, keeper, db);
    expect(await publicFiles(weights)).toHaveLength(1);
    expect(await publicFiles(next.weights)).toHaveLength(1);
  });

  describe("of another run", () => {
    let submission: Submission;
    let weights: Uint8Array;
    let foreign: Uint8Array;
    let id: string;
    beforeAll(async () => {
      ({ submission, weights } = await runWithWeights({ benchmark: short, seed: 1010, policies }));
      ({ weights: foreign } = await runWithWeights({ benchmark: short, seed: 1011, policies }));
      id = await published(submission);
    });

    const files: [name: string, file: () => Uint8Array, reason: RegExp][] = [
      ["nothing", () => new Uint8Array(), /expected at least 8 bytes, found 0/],
      ["text", () => Buffer.from("These are the weights."), /not a safetensors file/],
      ["half of it", () => weights.subarray(0, weights.length / 2), /the file is cut off/],
      ["one byte less", () => weights.subarray(0, weights.length - 1), /the file is cut off/],
      ["one byte more", () => Buffer.concat([weights, Buffer.of(0)]), /bytes after the header/],
      [
        "a lying header",
        () => {
          const file = Uint8Array.from(weights);
          new DataView(file.buffer).setBigUint64(0, 2n ** 60n, true);
          return file;
        },
        /header: expected at most/,
      ],
      ["no trajectory", () => encodeSafetensors([]), /not a trajectory/],
      ["another seed's", () => foreign, /seed: expected 1010 as in the run, found 1011/],
      ["another variant's", () => changed(weights, ({ header }) => (header.variant = "bfn")), /variant: expected bn/],
      [
        "another recipe's",
        () => changed(weights, ({ header }) => (header.recipe.learningRate = 0.9)),
        /learningRate: expected/,
      ],
      [
        "other data's",
        () => changed(weights, ({ header }) => (header.dataset.hash = "0".repeat(64))),
        /dataset, hash: expected/,
      ],
      ["a weight that is NaN", () => changed(weights, (it) => (firstOf(it)[0] = Number.NaN)), /expected numbers/],
      [
        "a mean that is infinite",
        () => changed(weights, ({ trace }) => (trace.layers[0]!.mean[5] = Infinity)),
        /\.mean: expected numbers/,
      ],
      [
        "a variance below 0",
        () => changed(weights, ({ trace }) => (trace.layers[1]!.variance[5] = -1)),
        /\.variance: expected numbers of at least 0/,
      ],
      [
        "a weight too many",
        () => changed(weights, ({ weights: of }) => (of["extra.kernel"] = new Float32Array(3))),
        /weights\/extra\.kernel: the network of the run has none/,
      ],
      [
        "weights too small",
        () => changed(weights, ({ weights: of }) => (of[Object.keys(of)[0]!] = new Float32Array(3))),
        /expected \d+ values, found 3/,
      ],
      [
        "another tensor beside them",
        () => {
          const { tensors, metadata } = decodeSafetensors(weights);
          return encodeSafetensors([...tensors, { name: "more", shape: [2], values: new Float32Array(2) }], metadata);
        },
        /file: expected \d+ bytes, as DMBench writes/,
      ],
      [
        "layers of other names",
        () =>
          changed(weights, ({ header, trace }) => {
            header.layers[0]!.name = "elsewhere";
            trace.layers[0]!.name = "elsewhere";
          }),
        /layers: expected/,
      ],
      [
        "another number of values behind its statistics",
        () => changed(weights, ({ header }) => (header.layers[0]!.count = 1)),
        /layers: expected/,
      ],
    ];

    it.each(files)("is refused: %s", async (_name, file, reason) => {
      expect(await take(id, file())).toEqual({ state: "received" }); // what was refused is replaced
      const checked = await check(id);
      expect(checked.weights).toMatchObject({ outcome: "refused", flag: null });
      expect(checked.weights!.reason).toMatch(reason);
      expect(checked).toMatchObject({ ranks: true, tier: predictionsScored });
    });

    it("is told from the run's own, which may still come", async () => {
      const { db } = installation();
      expect(await db.notice.count({ where: { userId: author, href: `/runs/${id}` } })).toBe(files.length);
      expect(await take(id, weights)).toEqual({ state: "received" });
      expect((await check(id)).weights).toMatchObject({ outcome: "same" });
      expect(await take(id, foreign)).toMatchObject({
        state: "not-needed",
        reason: expect.stringContaining("Other weights"),
      });
    });
  });

  const forged: [name: string, forge: (own: Trajectory, foreign: Trajectory) => void, reason: RegExp][] = [
    ["another run's weights", (own, foreign) => (own.weights = foreign.weights), /predicts \d+ of 355/],
    ["another run's trace", (own, foreign) => (own.trace = foreign.trace), /predicts \d+ of 355|estimation shift/],
    [
      "all of another run",
      (own, foreign) => Object.assign(own, { weights: foreign.weights, trace: foreign.trace }),
      /predicts \d+ of 355/,
    ],
    [
      "a trace of one batch over and over",
      ({ trace: { layers } }) => {
        for (const { channels, mean } of layers)
          for (let step = 1; step * channels < mean.length; step += 1) mean.copyWithin(step * channels, 0, channels);
      },
      /predicts \d+ of 355|estimation shift/,
    ],
    [
      "weights that are all 0",
      (own) => {
        for (const values of Object.values(own.weights)) values.fill(0);
      },
      /predicts \d+ of 355/,
    ],
  ];

  it.each(forged)("that give other figures keep the run from ranking: %s", async (name, forge, reason) => {
    const { db } = installation();
    const seed = 1020 + forged.findIndex(([known]) => known === name);
    const own = await runWithWeights({ benchmark: short, seed, policies });
    const foreign = await runWithWeights({ benchmark: short, seed: 1030, policies });
    const id = await published(own.submission);
    await take(
      id,
      changed(own.weights, (trajectory) => forge(trajectory, decodeTrajectory(foreign.weights))),
    );
    const checked = await check(id);
    expect(checked).toMatchObject({ ranks: false, tier: predictionsScored, weights: { outcome: "differs" } });
    expect(checked.weights!.reason).toMatch(reason);
    const [entry] = await logPage({ take: 1, subject: "run", subjectId: id }, db);
    expect(entry).toMatchObject({ action: "run.failed_audit", actor: null });
    await decideFlag(checked.weights!.flag!, { state: "dismissed", reason: "A wrong file." }, keeper, db);
    expect(await run(id, db)).toMatchObject({ ranks: true });
    // An audit that finds the predictions is no reason to score on weights that don't give them.
    await audit(id);
    expect(await run(id, db)).toMatchObject({ ranks: true, tier: trainedAgain, weights: { url: null } });
  });

  it("that don't give the shift which was claimed keep the run from ranking", async () => {
    const { submission, weights } = await runWithWeights({ benchmark: short, seed: 1040, policies });
    const scores = submission.record.scores.map((score) =>
      score.method === "bn/static-0.5"
        ? { ...score, esm: score.esm.map((layer) => ({ ...layer, mean: layer.mean / 2, std: layer.std / 2 })) }
        : score,
    );
    const id = await published({ ...submission, record: { ...submission.record, scores } });
    await take(id, weights);
    const checked = await check(id);
    expect(checked).toMatchObject({ ranks: false, weights: { outcome: "differs" } });
    expect(checked.weights!.reason).toMatch(/claims an estimation shift of [\d.e-]+ for bn\/static-0\.5/);
  });

  it("that differ from a run which passed its audit change nothing but that they are not used", async () => {
    const { submission, weights } = await runWithWeights({ benchmark: short, seed: 1041, policies });
    const id = await published(submission);
    await audit(id);
    await take(
      id,
      changed(weights, (own) => {
        for (const values of Object.values(own.weights)) values.fill(0);
      }),
    );
    expect(await check(id)).toMatchObject({
      ranks: true,
      tier: trainedAgain,
      weights: { outcome: "differs", flag: null, url: null },
    });
  });

  it("are taken from the author alone, of runs that rank, and of each board only so many", async () => {
    const { db } = installation();
    const { submission, weights } = await runWithWeights({
      benchmark: short,
      seed: 1050,
      variant: "bfn",
      policies: ["dmbn"],
    });
    const id = await published(submission);
    expect(await take(id, weights, other)).toBe("not-yours");
    expect(await announce(id, weights, other)).toBe("not-yours");
    expect(await take(randomUUID(), weights)).toBe("no-run");
    const own = await published({ ...submission, idempotencyKey: randomUUID() }, { withTicket: false });
    expect(await take(own, weights)).toEqual({ state: "not-needed", reason: "The run doesn’t rank." });

    for (let index = 0; index < weightsKept.scoredAtOnce; index += 1) {
      const { id: of } = await db.run.findUniqueOrThrow({ where: { id }, select: { id: true } });
      const { id: another } = await db.run.create({
        data: {
          ...((await db.run.findUniqueOrThrow({
            where: { id: of },
            omit: { id: true, createdAt: true, idempotencyKey: true, ticketId: true },
          })) as object),
          idempotencyKey: randomUUID(),
        } as never,
      });
      await db.runWeights.create({
        data: { runId: another, artifactKey: "none", artifactHash: "none", artifactBytes: 1 },
      });
    }
    expect(await take(id, weights)).toEqual({
      state: "not-needed",
      reason: `The site has the weights of ${weightsKept.scoredAtOnce} runs of this board and variant, and keeps no more.`,
    });
    await db.runWeights.updateMany({ where: { artifactHash: "none" }, data: { outcome: "refused" } });
    expect(await take(id, weights)).toEqual({ state: "received" });
  });

  it("go to the bucket by an address that takes no other file", async () => {
    const s3 = await startS3();
    const bucket = openBucket({ url: s3.url, accessKeyId: "key", secretAccessKey: "secret", region: "eu-test-1" });
    const parts = { ...installation(), store: bucketStore(bucket) };
    const { submission, weights } = await runWithWeights({ benchmark: short, seed: 1060, policies: ["dmbn"] });
    const outcome = await publish(await ranked(parts.db, submission), author, parts);
    if ("refusals" in outcome) throw new Error("refused");
    const announced = { runId: outcome.runId, userId: author, sha256: sha256(weights), bytes: weights.length };
    const reception = await announceWeights(announced, parts);
    if (typeof reception === "string" || reception.state !== "upload") throw new Error("expected an address");
    const { url, headers } = reception;
    expect(new URL(url).origin).toBe(new URL(s3.url).origin);
    const put = (body: Uint8Array) => fetch(url, { method: "PUT", headers, body: new Uint8Array(body) });
    expect((await put(weights.subarray(0, 100))).status).toBe(403); // another length than was signed
    expect(await announceWeights(announced, parts)).toMatchObject({ state: "upload" }); // nothing there yet
    expect((await put(weights)).status).toBe(200);
    expect((await put(weights)).status).toBe(412); // it is there
    expect(await announceWeights(announced, parts)).toEqual({ state: "received" });
    await checkWeights(outcome.runId, { ...parts, scorer });
    expect((await run(outcome.runId, parts.db))!.weights).toMatchObject({ outcome: "same" });
    // Where a store doesn't know checksums, other bytes of the same length are noticed.
    const stored = await parts.db.runWeights.findUniqueOrThrow({ where: { runId: outcome.runId } });
    s3.objects.set(stored.artifactKey, Buffer.alloc(weights.length));
    await parts.db.runWeights.delete({ where: { runId: outcome.runId } });
    expect(await announceWeights(announced, parts)).toMatchObject({ state: "upload" });
    await s3.stop();
  });
});
