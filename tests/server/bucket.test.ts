/** The artifact store on a bucket: an S3 server that verifies every signature, and whatever can go wrong with one. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  ArtifactDamaged,
  bucketStore,
  folderStore,
  moveArtifacts,
  requireBucket,
  sha256,
} from "@/lib/server/artifacts";
import type { BucketSettings, Patience } from "@/lib/server/bucket";
import { BucketError, openBucket } from "@/lib/server/bucket";
import type { Fault, S3Options, S3Server } from "../support/s3";
import { startS3 } from "../support/s3";

const running: S3Server[] = [];
afterEach(async () => {
  for (const s3 of running.splice(0)) await s3.stop();
});

async function start(options?: S3Options): Promise<S3Server> {
  const s3 = await startS3(options);
  running.push(s3);
  return s3;
}

/** Enough for a busy machine, and little to wait for. */
const patience: Patience = { answerMs: 5000, retryMs: 20_000, tries: 4 };

const storeOn = (s3: S3Server, changed: Partial<BucketSettings & Patience> = {}) => {
  const settings = { url: s3.url, accessKeyId: "key", secretAccessKey: "secret", region: "eu-test-1", ...changed };
  return bucketStore(openBucket(settings, { ...patience, ...changed }));
};

const bytes = new TextEncoder().encode("weights");
const artifact = { key: `predictions/${sha256(bytes)}.safetensors`, hash: sha256(bytes) };

/** The faults of the next requests, in turn; none afterwards. */
function inTurn(...faults: Fault[]): () => Fault {
  return () => faults.shift() ?? null;
}

async function failure(action: Promise<unknown>): Promise<string> {
  const error = await action.then(
    () => new Error("nothing failed"),
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toBeInstanceOf(BucketError);
  return error.message;
}

describe("the artifact store on a bucket", () => {
  it("returns the bytes that were stored under any key, and says that there are none", async () => {
    const s3 = await start();
    const store = storeOn(s3);
    const name = fc.stringMatching(/^[a-z0-9_-][a-z0-9._-]{0,20}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 4 }), fc.uint8Array(), async (names, content) => {
        const stored = { key: names.join("/"), hash: sha256(content) };
        s3.objects.delete(stored.key);
        expect(await store.get(stored)).toBeNull();
        await store.put(stored.key, content);
        expect(Buffer.compare((await store.get(stored))!, content)).toBe(0);
        await store.put(stored.key, content);
      }),
      { numRuns: 30 },
    );
    for (const key of ["../a", "A", "a//b", ".a", "a".repeat(257)])
      await expect(store.put(key, bytes)).rejects.toThrow(RangeError);
    await expect(store.get({ key: "a?b", hash: "" })).rejects.toThrow(RangeError);
  });

  it("never returns other bytes than those that were stored, and puts intact ones in their place", async () => {
    const s3 = await start();
    const store = storeOn(s3);
    await store.put(artifact.key, bytes);
    s3.objects.set(artifact.key, Buffer.from("weightS"));
    await expect(store.get(artifact)).rejects.toThrow(ArtifactDamaged);
    await store.put(artifact.key, bytes);
    expect(Buffer.from((await store.get(artifact))!).toString()).toBe("weights");
  });

  it.each(["knows", "ignores", "refuses"] as const)("works where the bucket %s conditions", async (conditional) => {
    const s3 = await start({ conditional });
    const store = storeOn(s3);
    for (let i = 0; i < 3; i += 1) await store.put(artifact.key, bytes);
    expect(await store.get(artifact)).not.toBeNull();
    expect(s3.objects.size).toBe(1);
    const written = s3.log.filter((line) => line.startsWith("PUT") && line.endsWith("200"));
    expect(written).toHaveLength(conditional === "knows" ? 1 : 3);
    expect(s3.log.filter((line) => line.endsWith("501"))).toHaveLength(conditional === "refuses" ? 1 : 0);
  });

  it("keeps one file where many instances store it at once", async () => {
    const s3 = await start();
    await Promise.all(Array.from({ length: 20 }, () => storeOn(s3).put(artifact.key, bytes)));
    expect(s3.log.filter((line) => line.startsWith("PUT") && line.endsWith("200"))).toHaveLength(1);
    expect(s3.log.filter((line) => line.startsWith("PUT") && line.endsWith("412"))).toHaveLength(19);
  });

  it.each([
    [
      "503 now and then",
      [
        { status: 503, code: "SlowDown" },
        { status: 503, code: "SlowDown" },
      ],
    ],
    ["429", [{ status: 429, code: "TooManyRequests" }]],
    ["500 without XML", [{ status: 500, body: "oops" }]],
    ["a broken connection", ["broken", "broken", "broken"]],
    ["a conflict with another condition", [{ status: 409, code: "ConditionalRequestConflict" }]],
  ] as [string, Fault[]][])("tries again after %s", async (_, faults) => {
    const s3 = await start();
    const store = storeOn(s3);
    s3.fault = inTurn(...faults);
    await store.put(artifact.key, bytes);
    s3.fault = inTurn(...faults);
    expect(Buffer.from((await store.get(artifact))!).toString()).toBe("weights");
    expect(s3.objects.size).toBe(1);
  });

  it("makes no twin of a file whose answer was lost", async () => {
    const s3 = await start();
    s3.fault = inTurn("done, then broken");
    await storeOn(s3).put(artifact.key, bytes);
    expect(s3.log).toEqual([`PUT ${artifact.key} 200`, `PUT ${artifact.key} 412`, `GET ${artifact.key} 200`]);
    expect([...s3.objects.keys()]).toEqual([artifact.key]);
  });

  it("takes no half of a file for the whole", async () => {
    const s3 = await start();
    const store = storeOn(s3);
    await store.put(artifact.key, bytes);
    s3.fault = inTurn("cut off", "cut off");
    expect(Buffer.from((await store.get(artifact))!).toString()).toBe("weights");
  });

  it("gives a silent bucket a time limit, and tries again", async () => {
    const s3 = await start();
    const store = storeOn(s3, { answerMs: 300 });
    await store.put(artifact.key, bytes);
    s3.fault = inTurn("silent");
    expect(await store.get(artifact)).not.toBeNull();
    s3.fault = () => "silent";
    const begin = Date.now();
    expect(await failure(storeOn(s3, { answerMs: 300, tries: 3 }).get(artifact))).toMatch(
      /^DMBENCH_BUCKET: 127\.0\.0\.1:\d+ can't be reached \(no answer within 1 s\)/,
    );
    expect(Date.now() - begin).toBeLessThan(20_000);
  });
});

describe("a bucket that can't be used", () => {
  const wrong: [string, Partial<BucketSettings>, RegExp][] = [
    ["the key is unknown", { accessKeyId: "nobody" }, /^AWS_ACCESS_KEY_ID: 127\S+ knows no key nobody\./],
    [
      "the secret is wrong",
      { secretAccessKey: "other" },
      /^AWS_SECRET_ACCESS_KEY: it is not the secret of the key key/,
    ],
    ["the region is wrong", { region: "us-east-1" }, /^AWS_REGION: expected eu-test-1, found us-east-1\./],
    ["the region is missing", { region: undefined }, /^AWS_REGION: expected eu-test-1, found none\./],
  ];
  it.each(wrong)("is named where %s", async (_, changed, message) => {
    const s3 = await start();
    const store = storeOn(s3, changed);
    expect(await failure(store.put(artifact.key, bytes))).toMatch(message);
    expect(await failure(store.get(artifact))).toMatch(message);
    expect(await failure(requireBucket(store, "http://site"))).toMatch(message);
    expect(s3.objects.size).toBe(0);
    expect(s3.log.length).toBe(3); // no retry mends it
  });

  it("is named where there is no such bucket: no file counts as gone then", async () => {
    const s3 = await start();
    const store = storeOn(s3, { url: s3.url.replace("artifacts", "artefacts") });
    expect(await failure(store.get(artifact))).toMatch(/^DMBENCH_BUCKET: there is no bucket artefacts at 127/);
    s3.fault = () => ({ status: 404, body: "<html>Not found</html>" });
    expect(await failure(storeOn(s3).get(artifact))).toMatch(/^DMBENCH_BUCKET: .* answers 404\. Is it an S3 server's/);
    s3.fault = () => ({ status: 200, body: "" }); // no XML, no signature: whatever it is, it has not these bytes
    await expect(storeOn(s3).get(artifact)).rejects.toThrow();
  });

  it.each([
    [-5, "5 minutes behind"],
    [5, "5 minutes ahead of"],
  ])("is named where this machine's clock is %i minutes off", async (minutes, words) => {
    const s3 = await start();
    s3.clockMs = -minutes * 60_000;
    expect(await failure(storeOn(s3).put(artifact.key, bytes))).toContain(
      `DMBENCH_BUCKET: this machine's clock is ${words} that of 127.0.0.1`,
    );
    s3.clockMs = -minutes * 30_000;
    await storeOn(s3).put(artifact.key, bytes);
  });

  it("is named where the key may do nothing, or may not tell what is missing", async () => {
    const s3 = await start();
    s3.fault = () => ({ status: 403, code: "AccessDenied" });
    expect(await failure(storeOn(s3).put(artifact.key, bytes))).toMatch(
      /^DMBENCH_BUCKET: the key key may not use .*ListBucket/,
    );
    s3.fault = (_, key) =>
      s3.objects.has(key) || !key.includes("none") ? null : { status: 403, code: "AccessDenied" };
    expect(await failure(requireBucket(storeOn(s3), "http://site"))).toMatch(/s3:ListBucket/);
  });

  it("is named where nothing answers, or only errors", async () => {
    const s3 = await start();
    s3.fault = () => ({ status: 503, code: "SlowDown" });
    expect(await failure(storeOn(s3).get(artifact))).toMatch(/^DMBENCH_BUCKET: 127\S+ answers 503 SlowDown/);
    expect(s3.log).toHaveLength(patience.tries);
    await s3.stop();
    running.length = 0;
    expect(await failure(storeOn(s3, { tries: 2 }).get(artifact))).toMatch(
      /^DMBENCH_BUCKET: 127\S+ can't be reached \(ECONNREFUSED\)/,
    );
  });

  it("refuses a body that is not the one that was signed", async () => {
    const s3 = await start();
    const real = globalThis.fetch;
    // A proxy on the way changes a byte.
    globalThis.fetch = async (input, init) => {
      const request = input as Request;
      const body = new Uint8Array(await request.arrayBuffer());
      if (body.length > 0) body[0]! ^= 1;
      return real(request.url, {
        ...init,
        method: request.method,
        headers: request.headers,
        ...(body.length > 0 && { body }),
      });
    };
    try {
      expect(await failure(storeOn(s3).put(artifact.key, bytes))).toContain("XAmzContentSHA256Mismatch");
      expect(s3.objects.size).toBe(0);
    } finally {
      globalThis.fetch = real;
    }
  });

  it("is found out at a start", async () => {
    const s3 = await start();
    const store = storeOn(s3);
    expect(await requireBucket(store, "https://bench.example")).toBeNull();
    expect(await requireBucket(store, "https://bench.example")).toBeNull();
    expect(s3.objects.size).toBe(1);
  });
});

describe("an address of a file", () => {
  it("lets anybody read it for as long as it holds, and stays the same meanwhile", async () => {
    const s3 = await start();
    const store = storeOn(s3);
    await store.put(artifact.key, bytes);
    const url = (await store.urlOf(artifact.key, 3600))!;
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("weights");
    s3.clockMs = 3600_000;
    expect((await fetch(url)).status).toBe(200);
    s3.clockMs = 2 * 3600_000;
    expect((await fetch(url)).status).toBe(403);
    s3.clockMs = 0;
    expect((await fetch(url.replace(artifact.key, "held-out/secret.safetensors"))).status).toBe(403);
    expect((await fetch(url, { method: "PUT", body: "other" })).status).toBe(403);
    expect((await fetch(url.replace(/\?.*/, ""))).status).toBe(403);
    expect(s3.objects.get(artifact.key)!.toString()).toBe("weights");
  });

  it("is never given for a held-out file", async () => {
    const s3 = await start();
    const folder = mkdtempSync(join(tmpdir(), "dmbench-bucket-"));
    for (const store of [storeOn(s3), folderStore(folder)])
      await expect(store.urlOf("held-out/11111111-2222-4333-8444-555555555555.safetensors", 60)).rejects.toThrow(
        "a held-out file has no address",
      );
    expect(await folderStore(folder).urlOf(artifact.key, 60)).toBeNull();
    rmSync(folder, { recursive: true });
  });
});

it("moves what a folder has into a bucket, once, and nothing damaged over what is intact", async () => {
  const s3 = await start();
  const store = storeOn(s3);
  const place = mkdtempSync(join(tmpdir(), "dmbench-bucket-"));
  const folder = join(place, "artifacts");
  await folderStore(folder).put(artifact.key, bytes);
  await folderStore(folder).put("held-out/a.safetensors", bytes);
  const other = { key: `predictions/${sha256("other")}.safetensors`, hash: sha256("other") };
  await store.put(other.key, new TextEncoder().encode("other"));
  writeFileSync(join(folder, other.key), "damaged");
  mkdirSync(join(folder, "trajectories"));
  writeFileSync(join(folder, "trajectories/half.partial"), "");
  expect(await moveArtifacts(folder, store)).toBe(2);
  expect(await store.get(artifact)).not.toBeNull();
  expect(await store.get({ ...artifact, key: "held-out/a.safetensors" })).not.toBeNull();
  expect(await store.get(other)).not.toBeNull();
  expect(readdirSync(place)).toEqual([expect.stringMatching(/^artifacts-moved-/)]);
  expect(await moveArtifacts(folder, store)).toBe(0);
  rmSync(place, { recursive: true });
});
