/**
 * A bucket of an object store that speaks the S3 protocol: S3, R2, Google's by HMAC keys, MinIO, Garage, Ceph. Requests
 * are signed by AWS Signature Version 4 and address the bucket by path, `https://endpoint/bucket/key`.
 */
import "server-only";
import { createHash, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";

export interface BucketSettings {
  /** `https://endpoint/bucket`; a path after the bucket's name goes before each key. */
  url: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Of temporary keys. */
  sessionToken?: string | undefined;
  /** Default: read from the endpoint's name, else us-east-1, which stores without regions take. */
  region?: string | undefined;
}

export interface Patience {
  /** Until the first byte of an answer, and between two of its parts, in ms; an upload has longer, at 256 kB/s. */
  answerMs: number;
  /** After this time a request is not tried again, in ms. */
  retryMs: number;
  /** How often it is tried at most. */
  tries: number;
}

const usualPatience: Patience = { answerMs: 15_000, retryMs: 30_000, tries: 5 };

/** Objects by key. Each method throws a BucketError where the bucket can't be used. */
export interface Bucket {
  /** Stores an object, unless there is one: false then. A store that doesn't know the condition replaces it. */
  add(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Stores an object in place of what is there. */
  replace(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes of an object; null if the bucket itself says that it has none. */
  read(key: string): Promise<Uint8Array | null>;
  /** An address from which anybody can read the object, for at least `seconds`: the same one for as long. */
  urlOf(key: string, seconds: number): Promise<string>;
  /**
   * An address to which anybody can PUT the object of this hash and length for `seconds`, with the headers to send; what
   * is there is not replaced where the store knows the condition.
   */
  uploadTo(
    key: string,
    content: { sha256: string; bytes: number; seconds: number },
  ): Promise<{ url: string; headers: Record<string, string> }>;
  /** The bytes of an object that is there; null if the bucket itself says that it has none. */
  sizeOf(key: string): Promise<number | null>;
}

/** The bucket can't be used: a sentence that names the setting to look at. */
export class BucketError extends Error {
  override name = "BucketError";
}

/** What the bucket answered. */
interface Answer {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  /** Of an error, such as `NoSuchKey`; empty if the answer is not one of an S3 server. */
  code: string;
}

/** What an `If-None-Match` gets from a store that doesn't know it on a PUT. */
const unknownCondition = new Set(["NotImplemented", "InvalidArgument", "InvalidRequest"]);

const wrongRegion = new Set([
  "AuthorizationHeaderMalformed",
  "AuthorizationQueryParametersError",
  "IllegalLocationConstraintException",
  "InvalidRegionName",
  "PermanentRedirect",
  "TemporaryRedirect",
]);

export function openBucket(settings: BucketSettings, patience: Patience = usualPatience): Bucket {
  const { accessKeyId, secretAccessKey, sessionToken, region } = settings;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    service: "s3",
    retries: 0,
    ...(sessionToken && { sessionToken }),
    ...(region && { region }),
  });
  const addressOf = (key: string): string => `${settings.url.replace(/\/+$/, "")}/${key}`;
  const ask = (
    method: "GET" | "HEAD" | "PUT",
    key: string,
    put?: { bytes: Uint8Array; headers: Record<string, string> },
  ) =>
    patiently({ ...patience, answerMs: patience.answerMs + (put?.bytes.length ?? 0) / 256 }, settings, () => {
      const body = put && new Uint8Array(put.bytes);
      const headers = { "x-amz-content-sha256": sha256(body ?? ""), ...put?.headers };
      return client.sign(addressOf(key), { method, headers, redirect: "manual", ...(body && { body }) });
    });
  const put = (key: string, bytes: Uint8Array, condition: Record<string, string>) =>
    ask("PUT", key, {
      bytes,
      // Explicit, since fetch would add `no-cache` to a conditional request, and the bucket would keep that.
      headers: {
        "content-type": "application/octet-stream",
        "cache-control": "max-age=31536000, immutable",
        ...condition,
      },
    });
  let conditional = true;
  const bucket: Bucket = {
    async add(key, bytes) {
      if (!conditional) {
        await bucket.replace(key, bytes);
        return true;
      }
      const answer = await put(key, bytes, { "if-none-match": "*" });
      if (answer.status === 412) return false;
      if ([400, 501].includes(answer.status) && unknownCondition.has(answer.code)) {
        conditional = false;
        return bucket.add(key, bytes);
      }
      if (answer.status >= 300) throw refusal(answer, settings);
      return true;
    },
    async replace(key, bytes) {
      const answer = await put(key, bytes, {});
      if (answer.status >= 300) throw refusal(answer, settings);
    },
    async read(key) {
      const answer = await ask("GET", key);
      if (answer.status === 200) return answer.body;
      if (answer.status === 404 && answer.code === "NoSuchKey") return null;
      throw refusal(answer, settings);
    },
    async urlOf(key, seconds) {
      const url = new URL(addressOf(key));
      url.searchParams.set("X-Amz-Expires", String(2 * seconds));
      const begin = new Date(Math.floor(Date.now() / 1000 / seconds) * seconds * 1000); // so that it can be cached
      const datetime = begin.toISOString().replace(/[:-]|\.\d{3}/g, "");
      return (await client.sign(url.href, { aws: { signQuery: true, datetime } })).url;
    },
    async uploadTo(key, { sha256: hash, bytes, seconds }) {
      const url = new URL(addressOf(key));
      url.searchParams.set("X-Amz-Expires", String(seconds));
      const headers = {
        "content-type": "application/octet-stream",
        "x-amz-checksum-sha256": Buffer.from(hash, "hex").toString("base64"),
        ...(conditional && { "if-none-match": "*" }),
      };
      const signed = { ...headers, "content-length": String(bytes) }; // which a browser sets itself
      const { url: address } = await client.sign(url.href, {
        method: "PUT",
        headers: signed,
        aws: { signQuery: true, allHeaders: true },
      });
      return { url: address, headers };
    },
    async sizeOf(key) {
      const answer = await ask("HEAD", key);
      if (answer.status === 200) return Number(answer.headers.get("content-length"));
      if (answer.status === 404) return null;
      throw refusal(answer, settings);
    },
  };
  return bucket;
}

/**
 * Sends a request until it is answered by anything but a passing failure: a broken connection, 429, 5xx. Each try is
 * signed anew, since a signature holds for minutes.
 */
async function patiently(
  { tries, retryMs, answerMs }: Patience,
  settings: BucketSettings,
  sign: () => Promise<Request>,
): Promise<Answer> {
  const begin = performance.now();
  for (let tried = 1; ; tried += 1) {
    const outcome = await send(await sign(), answerMs).catch((error: unknown) => error as Error);
    if (!(outcome instanceof Error) && !passes(outcome)) return outcome;
    if (tried >= tries || performance.now() - begin > retryMs)
      throw outcome instanceof Error ? unanswered(outcome, settings) : refusal(outcome, settings);
    await sleep(2 ** tried * randomInt(50, 100));
  }
}

const passes = ({ status, code }: Answer): boolean =>
  status === 429 ||
  (status >= 500 && status !== 501) ||
  ["ConditionalRequestConflict", "OperationAborted", "RequestTimeout"].includes(code);

/** @throws the network's error, or a TimeoutError */
async function send(request: Request, answerMs: number): Promise<Answer> {
  const silence = new AbortController();
  const tooLong = () =>
    silence.abort(new DOMException(`no answer within ${Math.ceil(answerMs / 1000)} s`, "TimeoutError"));
  const timer = setTimeout(tooLong, answerMs);
  try {
    const response = await fetch(request, { signal: silence.signal });
    const parts: Uint8Array[] = [];
    for await (const part of response.body ?? []) {
      parts.push(part);
      timer.refresh();
    }
    const body = new Uint8Array(Buffer.concat(parts));
    const { status, headers } = response;
    return { status, headers, body, code: status < 300 ? "" : element(body, "Code") };
  } finally {
    clearTimeout(timer);
  }
}

/** The text of an element of an S3 server's XML; empty if there is none. */
const element = (body: Uint8Array, name: string): string =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(Buffer.from(body.subarray(0, 1 << 16)).toString())?.[1] ?? "";

/** A refusal in words. */
function refusal(answer: Answer, { url, accessKeyId, region }: BucketSettings): BucketError {
  const { status, headers, body, code } = answer;
  const { host, pathname } = new URL(url);
  const name = pathname.split("/")[1];
  const expectedRegion = element(body, "Region") || headers.get("x-amz-bucket-region") || "";
  const said = element(body, "Message").trim();
  const sentence = (): string => {
    if (code === "InvalidAccessKeyId") return `AWS_ACCESS_KEY_ID: ${host} knows no key ${accessKeyId}. Correct it.`;
    if (code === "SignatureDoesNotMatch")
      return `AWS_SECRET_ACCESS_KEY: it is not the secret of the key ${accessKeyId}, says ${host}. Correct it.`;
    if (code === "ExpiredToken" || code === "InvalidToken")
      return `AWS_SESSION_TOKEN: ${host} refuses it (${code}). Set one that holds, or none with lasting keys.`;
    if (code === "RequestTimeTooSkewed") return `DMBENCH_BUCKET: ${skew(headers.get("date"), host)}`;
    if (code === "NoSuchBucket")
      return `DMBENCH_BUCKET: there is no bucket ${name} at ${host}. Create it, or name another.`;
    if (wrongRegion.has(code))
      return (
        `AWS_REGION: expected ${expectedRegion || `the region of the bucket ${name}`}, ` +
        `found ${region ?? "none"}. Correct it, and the endpoint of DMBENCH_BUCKET with it. ${said}`.trim()
      );
    if (status === 403)
      return (
        `DMBENCH_BUCKET: the key ${accessKeyId} may not use the bucket ${name} at ${host} (${code || 403}). ` +
        "It must be allowed to get and put objects and to list the bucket (s3:GetObject, s3:PutObject, s3:ListBucket)."
      );
    return (
      `DMBENCH_BUCKET: ${host} answers ${[status, code].filter(Boolean).join(" ")}${said ? `: ${said}` : "."} ` +
      (code ? "Try again later." : "Is it an S3 server's address, https://endpoint/bucket?")
    );
  };
  return new BucketError(sentence());
}

/** The difference between this machine's clock and that of the bucket, in words. */
function skew(serverDate: string | null, host: string): string {
  const seconds = Math.round((Date.now() - Date.parse(serverDate ?? "")) / 1000);
  const amount =
    Math.abs(seconds) < 120 ? `${Math.abs(seconds)} seconds` : `${Math.round(Math.abs(seconds) / 60)} minutes`;
  const difference = Number.isNaN(seconds) ? "not the same as" : `${amount} ${seconds > 0 ? "ahead of" : "behind"}`;
  return `this machine's clock is ${difference} that of ${host}, which takes no signature then. Set the clock (NTP).`;
}

/** A request that was never answered, in words. */
function unanswered(error: Error, { url }: BucketSettings): BucketError {
  const { host } = new URL(url);
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  const reason = error.name === "TimeoutError" ? error.message : (code ?? message);
  return new BucketError(`DMBENCH_BUCKET: ${host} can't be reached (${reason}). Start it, or correct the address.`, {
    cause: error,
  });
}

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
