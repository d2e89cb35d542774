import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { publishRun } from "@/app/api/v1/runs/publish-run";
import type { Submission } from "@/lib/leaderboard";
import { benchmarks, estimateOverSeeds, readBoardView, submissionBytes } from "@/lib/leaderboard";
import { byMetric, metricNames } from "@/lib/records";
import { sha256 } from "@/lib/server/artifacts";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";
import { boardPage } from "@/lib/server/boards/read";
import { refreshBoards } from "@/lib/server/boards/refresh";
import { testData } from "@/lib/server/datasets";
import { socketAddressHeader } from "@/lib/server/limits/client-address";
import { decideFlag, raiseFlag } from "@/lib/server/moderation/moderate";
import { policy } from "@/lib/server/policies/read";
import { compareReproductions } from "@/lib/server/runs/agreement";
import { mistakes } from "@/lib/server/runs/mistakes";
import { publish } from "@/lib/server/runs/publish";
import { predictionsOf, recentRuns, run } from "@/lib/server/runs/read";
import type { TestData } from "../../leaderboard/a-submission";
import { aSubmission, otherRecipe, withField } from "../../leaderboard/a-submission";
import { ranked } from "../a-ticket";
import { onEachDatabase } from "../databases";
import { digitsTestData } from "../material";
import { recorded } from "../statements";

let dataset: TestData;

beforeAll(async () => {
  dataset = await digitsTestData();
});

onEachDatabase("publishing", (installation) => {
  let user: { id: string; name: string };
  let other: { id: string; name: string };
  let third: { id: string; name: string };

  beforeAll(async () => {
    const { db } = installation();
    user = await db.user.create({ data: { name: "ada" } });
    other = await db.user.create({ data: { name: "bob" } });
    third = await db.user.create({ data: { name: "cyd" } });
  });

  const send = (
    body: BodyInit,
    headers: Record<string, string> = { "content-type": "application/json" },
    as: { id: string } | null = user,
  ): Promise<Response> =>
    publishRun(installation).handle(
      new Request("http://site/api/v1/runs", {
        method: "POST",
        headers: { ...headers, [socketAddressHeader]: "127.0.0.1" },
        body,
        duplex: "half",
      } as RequestInit),
      { caller: as && { ...as, name: "", role: "user", scopes: null }, db: installation().db },
    );

  const sendSubmission = (submission: Submission, as = user): Promise<Response> =>
    send(JSON.stringify(submission), undefined, as);

  const counts = async (): Promise<number[]> => {
    const { db } = installation();
    return Promise.all([db.run.count(), db.runScore.count(), db.logEntry.count(), db.boardRow.count()]);
  };

  it("stores the run, its scores, the log entry and its board rows, and responds with the address", async () => {
    const { db, store } = installation();
    const submission = await ranked(db, aSubmission({ dataset, seed: Number.MAX_SAFE_INTEGER }));
    const response = await sendSubmission(submission);
    expect(response.status).toBe(201);
    const { id, url } = (await response.json()) as { id: string; url: string };
    expect(url).toBe(`/runs/${id}`);

    const stored = await run(id, db);
    const { record } = submission;
    expect(stored).toMatchObject({
      user: "ada",
      benchmark: { slug: "digits-mlp", version: 1 },
      seed: Number.MAX_SAFE_INTEGER,
      tier: 2,
      manifest: record.manifest,
      curves: record.curves,
      timings: record.timings,
    });
    expect(
      stored!.scores.map(({ method, accuracy, confusionMatrix, esm }) => ({ method, accuracy, confusionMatrix, esm })),
    ).toEqual(
      record.scores.map(({ method, accuracy, confusionMatrix, esm }) => ({ method, accuracy, confusionMatrix, esm })),
    );
    expect(await db.logEntry.findMany({ where: { subjectId: id }, select: { action: true, actorId: true } })).toEqual([
      { action: "run.published", actorId: user.id },
    ]);

    const board = await boardPage("digits-mlp", { division: "open", rows: "all" }, { take: 1000 }, db);
    expect(board!.rows.map(({ method, n, runs, tier, accuracy }) => ({ method, n, runs, tier, accuracy }))).toEqual(
      record.scores.map(({ method, accuracy }) => ({
        method,
        n: 1,
        runs: 1,
        tier: 2,
        accuracy: { mean: accuracy, deviation: null, low: null, high: null },
      })),
    );
    expect((await recentRuns({}, db))[0]).toMatchObject({ id, methods: 2, best: { method: "bn/pytorch-default" } });
    expect((await policy("keras-default", db))!.standings).toMatchObject([
      { benchmark: { slug: "digits-mlp" }, place: 2, of: 2 },
    ]);
    expect((await listBenchmarks(db))[0]).toMatchObject({
      slug: "digits-mlp",
      runs: 1,
      openMethods: 2,
      methods: 0,
      leader: null, // runs by users have none
    });

    const file = await store.get((await predictionsOf(id, db))!);
    expect(sha256(file!)).toBe(stored!.predictions.sha256);
    const headerBytes = Number(Buffer.from(file!).readBigUInt64LE());
    const header = JSON.parse(Buffer.from(file!).toString("utf8", 8, 8 + headerBytes)) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    const [from, to] = header["bn/keras-default"]!.data_offsets;
    expect(Buffer.from(file!.subarray(8 + headerBytes + from, 8 + headerBytes + to)).toString("base64")).toBe(
      submission.predictions["bn/keras-default"],
    );
  });

  it("links a reproduction to its run, counts other users, and refuses what isn't a reproduction", async () => {
    const { db } = installation();
    const original = (await (await sendSubmission(aSubmission({ dataset, seed: 77 }))).json()) as { id: string };
    expect((await run(original.id, db))!.reproductions).toBe(0);
    const again = (submission: Submission) => ({ ...submission, reproductionOf: original.id });
    for (const who of [user, other, other])
      expect((await sendSubmission(again(aSubmission({ dataset, seed: 77 })), who)).status).toBe(201);
    expect(await run(original.id, db)).toMatchObject({ reproductions: 1 }); // not its owner, nor a user twice
    const { id } = (await (await sendSubmission(again(aSubmission({ dataset, seed: 77 })), other)).json()) as {
      id: string;
    };
    expect(await run(id, db)).toMatchObject({ reproductionOf: original.id });

    const before = await counts();
    const otherSeed = await sendSubmission(again(aSubmission({ dataset, seed: 78 })), other);
    expect(otherSeed.status).toBe(422);
    expect(await otherSeed.json()).toMatchObject({
      errors: [{ field: "record.manifest.seed", expected: "77, as in the run of reproductionOf", found: "78" }],
    });
    const unknown = await sendSubmission(
      { ...aSubmission({ dataset, seed: 77 }), reproductionOf: "00000000-0000-7000-8000-000000000000" },
      other,
    );
    expect(await unknown.json()).toMatchObject({ status: 422, errors: [{ field: "reproductionOf" }] });
    expect(await counts()).toEqual(before);
  });

  it("counts who trained a run again by its seed alone, and says how far they agree", async () => {
    const { db, store } = installation();
    const parts = { db, store };
    const benchmark = benchmarks.find(({ slug }) => slug === "digits-mlp-short")!;
    const sent = async (submission: Submission, who = user) =>
      ((await (await sendSubmission(submission, who)).json()) as { id: string }).id;
    const first = await sent(await ranked(db, aSubmission({ dataset, benchmark, seed: 770 })));
    const same = await sent(aSubmission({ dataset, benchmark, seed: 770 }), other);
    const alike = await sent(aSubmission({ dataset, benchmark, seed: 770, wrongEvery: [10, 4] }), third);
    await sent(aSubmission({ dataset, benchmark, seed: 771 }), other); // another seed
    await sent(aSubmission({ dataset, benchmark, seed: 770, variant: "bn-bfn" }), other); // another variant
    await sent(aSubmission({ dataset, benchmark, seed: 770 })); // one's own
    await compareReproductions(parts);
    const { reproductions, reproducedBy } = (await run(first, db))!;
    expect(reproductions).toBe(2);
    expect(reproducedBy.map(({ id, user: who, agreement }) => [id, who, agreement! > 0.99])).toEqual([
      [same, "bob", true],
      [alike, "cyd", false],
    ]);
    expect(reproducedBy[0]!.agreement).toBe(1);
    expect(reproducedBy[1]!.agreement).toBeGreaterThan(0.8);
    const shown = async () =>
      (await boardPage(
        benchmark.slug,
        readBoardView({ division: "open", reproduced: "yes", pin: "none" }),
        { take: 9 },
        db,
      ))!.rows.map(({ variant, reproduced }) => [variant, reproduced]);
    expect(await shown()).toEqual([
      ["bn", 1],
      ["bn", 1],
    ]);
    expect(await db.notice.count({ where: { userId: user.id, kind: "reproduced", href: `/runs/${same}` } })).toBe(1);
    // A reproduction that is removed counts no longer.
    const raised = await raiseFlag({ subject: "run", id: same, reason: "It is a copy." }, user.id, db);
    if ("refusal" in raised) throw new Error("refused");
    await decideFlag(raised.id, { state: "upheld", reason: "It is." }, user.id, db);
    expect((await run(first, db))!.reproductions).toBe(1);
    expect(await shown()).toEqual([]);
  });

  it("lists a method's mistakes, those that other methods didn't make first", async () => {
    const { db, store } = installation();
    const { id } = (await (await sendSubmission(aSubmission({ dataset, seed: 79, wrongEvery: [10, 5] }))).json()) as {
      id: string;
    };
    const listed = await mistakes(
      id,
      { method: "bn/keras-default", dataset: "digits", take: 40 },
      { db, store, testData },
    ); // every fifth is wrong; every tenth in the other too
    expect(listed!.of).toBe(Math.ceil(dataset.testLabels.length / 5));
    expect(listed!.mistakes.slice(0, 3)).toEqual(
      [5, 15, 25].map((index) => ({
        index,
        truth: dataset.testLabels[index],
        predicted: (dataset.testLabels[index]! + 1) % 10,
        others: 0,
      })),
    );
    expect(listed!.mistakes.at(-1)).toMatchObject({ others: 1 });
    expect(await mistakes(id, { method: "bn/none", dataset: "digits", take: 4 }, { db, store, testData })).toBeNull();
  });

  it("responds to a retry with the first row, in any order of fields", async () => {
    const submission = aSubmission({ dataset, seed: 2 });
    const first = (await (await sendSubmission(submission)).json()) as { id: string };
    const before = await counts();
    const { predictions, record, idempotencyKey } = submission;
    const retry = await sendSubmission({ predictions, record, idempotencyKey });
    expect(retry.status).toBe(200);
    expect(await retry.json()).toEqual({ id: first.id, url: `/runs/${first.id}`, created: false });
    expect(await counts()).toEqual(before);
  });

  it("stores one row for twenty parallel requests with one key", async () => {
    const submission = aSubmission({ dataset, seed: 3 });
    const [runsBefore] = await counts();
    const responses = await Promise.all(Array.from({ length: 20 }, () => sendSubmission(submission)));
    const ids = await Promise.all(responses.map(async (response) => ((await response.json()) as { id: string }).id));
    expect(new Set(ids).size).toBe(1);
    expect(responses.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
    expect((await counts())[0]).toBe(runsBefore! + 1);
  });

  it("finds what twenty runs refer to in one statement, and stores those that come together in three", async () => {
    const { db, statements } = recorded(installation().db);
    const submissions = Array.from({ length: 20 }, (_, index) =>
      withField(aSubmission({ dataset, seed: 30 + index }), ["record", "benchmark"], null),
    );
    const published = await Promise.all(
      submissions.map((submission) => publish(submission, user.id, { ...installation(), db })),
    );
    expect(published.every((publication) => "created" in publication && publication.created)).toBe(true);
    const [found, ...stored] = statements;
    expect(found).toContain("FROM benchmark");
    expect(stored).toHaveLength(3 * stored.filter((statement) => statement.includes("INSERT INTO run (")).length);
  });

  it("refuses a key that its owner used for another run, and another account's without revealing its run", async () => {
    const submission = aSubmission({ dataset, seed: 5 });
    const { id } = (await (await sendSubmission(submission)).json()) as { id: string };
    const before = await counts();
    const reused = await sendSubmission(aSubmission({ dataset, seed: 6, key: submission.idempotencyKey }));
    expect(reused.status).toBe(409);
    expect(await reused.json()).toMatchObject({ errors: [{ field: "idempotencyKey" }] });
    for (const body of [submission, aSubmission({ dataset, seed: 6, key: submission.idempotencyKey })]) {
      const response = await sendSubmission(body, other);
      const text = await response.text();
      expect(response.status).toBe(409);
      expect(JSON.parse(text)).toMatchObject({
        type: "urn:dmbench:problem:key-of-another",
        errors: [{ field: "idempotencyKey" }],
      });
      expect(text).not.toContain(id);
      expect(text).not.toContain("ada");
    }
    expect(await counts()).toEqual(before);
  });

  it("shows a run with custom settings, but on no board", async () => {
    const { db } = installation();
    const before = await boardPage("digits-mlp", { division: "open", rows: "all" }, { take: 1000 }, db);
    const custom = withField(
      withField(aSubmission({ dataset, seed: 7 }), ["record", "benchmark"], null),
      ["record", "manifest", "recipe"],
      otherRecipe,
    );
    const response = await sendSubmission(custom);
    expect(response.status).toBe(201);
    expect(await run(((await response.json()) as { id: string }).id, db)).toMatchObject({
      benchmark: null,
      manifest: { recipe: otherRecipe },
    });
    expect(await boardPage("digits-mlp", { division: "open", rows: "all" }, { take: 1000 }, db)).toEqual(before);
  });

  it("counts runs of one seed once, which were published before tickets", async () => {
    const { db } = installation();
    for (const seed of [1, 1, 2])
      await sendSubmission(
        aSubmission({
          dataset,
          seed,
          variant: "bn-bfn",
          policies: ["keras-default"],
          wrongEvery: [seed === 1 ? 5 : 10],
        }),
      );
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: "digits-mlp" } });
    const { id: policyId } = await db.policy.findUniqueOrThrow({ where: { slug: "keras-default" } });
    await db.$transaction(async (tx) => {
      await tx.run.updateMany({ where: { variant: "bn-bfn" }, data: { ranks: true } });
      await refreshBoards(tx, [{ benchmarkId, division: "open", variant: "bn-bfn", policyIds: [policyId] }]);
    });
    const row = (await boardPage("digits-mlp", { division: "open", rows: "all" }, { take: 1000 }, db))!.rows.find(
      ({ method }) => method === "bn-bfn/keras-default",
    )!;
    expect(row).toMatchObject({ runs: 3, n: 2 });
    // a fifth of 355 and a tenth, rounded up
    expect(row.accuracy.mean).toBeCloseTo((1 - 71 / 355 + (1 - 36 / 355)) / 2, 12);
  });

  it("keeps every board row equal to one computed from all runs, however requests interleave", async () => {
    const { db } = installation();
    let seed = 1000;
    const publication = fc.record({
      ranks: fc.boolean(),
      policies: fc.subarray(["pytorch-default", "keras-default", "cumulative-average", "dmbn"], { minLength: 1 }),
      wrongEvery: fc.integer({ min: 2, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(publication, { minLength: 2, maxLength: 6 }), async (publications) => {
        await Promise.all(
          publications.map(async ({ ranks, policies, wrongEvery }) => {
            const submission = aSubmission({
              dataset,
              seed: seed++,
              policies,
              wrongEvery: [wrongEvery, wrongEvery + 1],
            });
            const published = await publish(ranks ? await ranked(db, submission) : submission, user.id, installation());
            expect(published).toMatchObject({ created: true });
          }),
        );
        await expectBoardFromScratch();
      }),
      { numRuns: 5 },
    );
    // A hidden run leaves the board.
    const last = await db.run.findFirstOrThrow({
      where: { ranks: true },
      orderBy: { createdAt: "desc" },
      include: { scores: true },
    });
    await db.$transaction(async (tx) => {
      await tx.run.update({ where: { id: last.id }, data: { hiddenAt: new Date() } });
      await refreshBoards(tx, [
        {
          benchmarkId: last.benchmarkId!,
          division: "open",
          variant: last.variant,
          policyIds: last.scores.map(({ policyId }) => policyId),
        },
      ]);
    });
    await expectBoardFromScratch();
  });

  /** Reads every score and averages in the test, without the server's SQL. */
  async function expectBoardFromScratch(): Promise<void> {
    const { db } = installation();
    const scores = await db.runScore.findMany({
      where: { run: { hiddenAt: null, ranks: true, benchmark: { slug: "digits-mlp" } } },
      include: { run: { select: { seed: true } } },
    });
    const { rows } = (await boardPage("digits-mlp", { division: "open", rows: "all" }, { take: 1000 }, db))!;
    expect(new Set(rows.map(({ method }) => method))).toEqual(new Set(scores.map(({ method }) => method)));
    for (const row of rows) {
      const ofMethod = scores.filter(({ method }) => method === row.method);
      const seeds = [...new Set(ofMethod.map((score) => score.run.seed))].map((seed) =>
        ofMethod.filter((score) => score.run.seed === seed),
      );
      const means = seeds.map((runs) =>
        byMetric(metricNames, (metric) => {
          const values = runs.map((score) => score[metric]).filter((value) => value !== null);
          return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
        }),
      );
      const images = Float64Array.from(
        { length: 355 },
        (_, image) =>
          ofMethod.filter(({ correct }) => (correct![image >> 3]! >> (7 - (image & 7))) & 1).length / ofMethod.length,
      );
      const expected = estimateOverSeeds(means, images);
      expect(row).toMatchObject({ runs: ofMethod.length, n: seeds.length, tier: 2 });
      for (const metric of metricNames) {
        for (const figure of ["mean", "deviation", "low", "high"] as const) {
          const value = expected[metric]?.[figure] ?? null;
          if (value === null) expect(row[metric]?.[figure] ?? null).toBeNull();
          else expect(row[metric]?.[figure]).toBeCloseTo(value, 10);
        }
      }
    }
  }

  it("answers bad input with the field, what was expected and what was found, and stores nothing", async () => {
    const before = await counts();
    const files = await readdir(join(installation().folder, "artifacts"), { recursive: true });
    const good = aSubmission({ dataset, seed: 20 });
    const accuracy = good.record.scores[0]!.accuracy;
    const invalidFields: [path: (string | number)[], value: unknown, status: number, field: string][] = [
      [["record", "manifest", "seed"], undefined, 422, "record.manifest.seed"],
      [["record", "scores", 0, "accuracy"], null, 422, "record.scores[0].accuracy"],
      [["record", "scores", 0, "accuracy"], accuracy + 0.01, 422, "record.scores[0].accuracy"],
      [["record", "benchmark"], { slug: "no-such", version: 1 }, 422, "record.benchmark"],
      [["record", "benchmark"], { slug: "digits-mlp", version: 99 }, 422, "record.benchmark"],
      [["record", "manifest", "recipe"], otherRecipe, 422, "record.manifest.recipe.learningRate"],
      [["record", "manifest", "dataset", "version"], "0", 422, "record.manifest.dataset.version"],
      [["record", "manifest", "dataset", "slug"], "no-such", 422, "record.manifest.dataset.slug"],
      [["record", "scores", 1, "policy", "slug"], "no-such", 422, "record.scores[1].policy.slug"],
      [["predictions", "bn/keras-default"], "AAAA", 422, 'predictions["bn/keras-default"]'],
      [
        ["predictions", "bn/keras-default"],
        Buffer.alloc(355, 255).toString("base64"),
        422,
        'predictions["bn/keras-default"][0]',
      ],
    ];
    for (const [path, value, status, field] of invalidFields) {
      const response = await sendSubmission(withField(good, path, value));
      const problem = (await response.json()) as {
        errors: { field: string; expected: string; found: string; remedy: string }[];
      };
      expect
        .soft([response.status, response.headers.get("content-type"), problem.errors[0]!.field])
        .toEqual([status, "application/problem+json", field]);
      for (const error of problem.errors)
        expect.soft([error.expected, error.found, error.remedy].every((text) => text.length > 0)).toBe(true);
    }
    expect(await counts()).toEqual(before);
    expect(await readdir(join(installation().folder, "artifacts"), { recursive: true })).toEqual(files);
  });

  it("asks the client to sign in, and says where", async () => {
    const response = await send(JSON.stringify(aSubmission({ dataset })), undefined, null);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("/signin");
    expect(((await response.json()) as { detail: string }).detail).toContain("/signin");
  });

  it.each([
    ["a body that is not JSON", "not json", {}, 400],
    ["NaN, which JSON lacks", '{"idempotencyKey": NaN}', {}, 400],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), {}, 400],
    ["another content type", "{}", { "content-type": "text/plain" }, 415],
    ["a page of another site", "{}", { "sec-fetch-site": "cross-site" }, 403],
    ["a body that says it is too long", "{}", { "content-length": String(submissionBytes + 1) }, 413],
  ])("refuses %s", async (_what, body, headers, status) => {
    const before = await counts();
    const response = await send(body, { "content-type": "application/json", ...headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      status,
      errors: [{ expected: expect.any(String) as string, found: expect.any(String) as string }],
    });
    expect(await counts()).toEqual(before);
  });

  it("stops reading an endless body", async () => {
    let sent = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1 << 20;
        controller.enqueue(new Uint8Array(1 << 20).fill(0x20));
      },
      cancel() {
        cancelled = true;
      },
    });
    const response = await send(endless);
    expect(response.status).toBe(413);
    await expect.poll(() => cancelled, { timeout: 120_000 }).toBe(true);
    expect(sent).toBeLessThan(submissionBytes + (20 << 20));
  });

  it("refuses a run of a data set that the site has no copy of, and says how to get one", async () => {
    const withoutDataset = publishRun(() => ({
      ...installation(),
      testData: async () => ({
        reason: "dataset-unavailable",
        field: "record.manifest.dataset.slug",
        expected: "a copy",
        found: "none",
        remedy: "Set DMBENCH_DATASETS_DIR.",
      }),
    }));
    const response = await withoutDataset.handle(
      new Request("http://site/api/v1/runs", {
        method: "POST",
        headers: { "content-type": "application/json", [socketAddressHeader]: "127.0.0.1" },
        body: JSON.stringify(aSubmission({ dataset, seed: 21 })),
      }),
      { caller: { ...user, role: "user", scopes: null }, db: installation().db },
    );
    expect(response.status).toBe(503);
    expect(((await response.json()) as { detail: string }).detail).toContain("DMBENCH_DATASETS_DIR");
  });

  it("leaves no half-written artifact", async () => {
    const { store, folder } = installation();
    await store.put("predictions/a.safetensors", new Uint8Array([1, 2, 3]));
    expect([...(await readFile(join(folder, "artifacts/predictions/a.safetensors")))]).toEqual([1, 2, 3]);
    expect((await readdir(join(folder, "artifacts/predictions"))).filter((name) => name.includes("partial"))).toEqual(
      [],
    );
    expect(await store.get({ key: "predictions/none.safetensors", hash: "" })).toBeNull();
    for (const key of ["../escape", "/etc/passwd", "a/../../b", "", "a//b", ".hidden", "a\0b", "A"])
      await expect(store.put(key, new Uint8Array())).rejects.toThrow(RangeError);
  });
});
