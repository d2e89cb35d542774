/**
 * A strict S3 server for tests, in memory: it verifies AWS Signature Version 4 itself, of headers and of presigned
 * addresses, from the published algorithm, and the hash of each body. Faults can be put in front of it.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface SignedRequest {
  method: string;
  /** As it is sent, percent-encoded. */
  path: string;
  /** Decoded. */
  query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  signedHeaders: readonly string[];
  /** `20150830T123600Z` */
  date: string;
  region: string;
  service: string;
  /** SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`. */
  payload: string;
}

/** The signature of a request, in hexadecimal: "Create a signed AWS API request", AWS documentation. */
export function signatureOf(
  { method, path, query, headers, signedHeaders, date, region, service, payload }: SignedRequest,
  secret: string,
): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonical = [
    method,
    path,
    query
      .map(([name, value]) => [encode(name), encode(value)] as const)
      .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))
      .map((pair) => pair.join("="))
      .join("&"),
    ...signedHeaders.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    signedHeaders.join(";"),
    payload,
  ].join("\n");
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, "aws4_request"].reduce<Buffer | string>(hmac, `AWS4${secret}`);
  return hmac(key, ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n")).toString("hex");
}

const hmac = (key: Buffer | string, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** What happens to a request before the server sees it, or to its answer. */
export type Fault =
  /** Answered with this status and code. */
  | { status: number; code?: string; body?: string }
  /** The connection breaks before anything is done. */
  | "broken"
  /** It is done, and the connection breaks before the answer. */
  | "done, then broken"
  /** It is never answered. */
  | "silent"
  /** Half of the answer's body is sent. */
  | "cut off"
  | null;

export interface S3Options {
  /** Default: one key, `key` with the secret `secret`. */
  keys?: Record<string, string>;
  region?: string;
  bucket?: string;
  /** How far a request's date may be from the server's clock, in seconds. S3 allows 900. */
  skewSeconds?: number;
  /** Whether it knows `If-None-Match` on a PUT; "refuses" answers 501. */
  conditional?: "knows" | "ignores" | "refuses";
}

export interface S3Server {
  /** `http://127.0.0.1:port/bucket` */
  url: string;
  /** By key. */
  objects: Map<string, Buffer>;
  /** `PUT key 200`, in the order of their answers. */
  log: string[];
  /** What happens to the next request of this method and key; set by a test. */
  fault: (method: string, key: string) => Fault;
  /** Milliseconds by which its clock is ahead. */
  clockMs: number;
  stop(): Promise<void>;
}

export async function startS3({
  keys = { key: "secret" },
  region = "eu-test-1",
  bucket = "artifacts",
  skewSeconds = 240,
  conditional = "knows",
}: S3Options = {}): Promise<S3Server> {
  const sockets = new Set<Socket>();
  const s3: S3Server = {
    url: "",
    objects: new Map(),
    log: [],
    fault: () => null,
    clockMs: 0,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  /** @throws Refusal */
  const verify = (request: IncomingMessage, url: URL, body: Buffer): void => {
    const headers = request.headers as Record<string, string>;
    const presigned = url.searchParams.get("X-Amz-Signature");
    const given = presigned ? ofQuery(url) : ofHeader(headers);
    const { keyId, scope, signedHeaders, signature, date } = given;
    const secret = keys[keyId];
    if (secret === undefined) throw new Refusal(403, "InvalidAccessKeyId");
    const [day, itsRegion, service, end] = scope;
    if (day !== date.slice(0, 8) || service !== "s3" || end !== "aws4_request")
      throw new Refusal(400, "AuthorizationHeaderMalformed");
    if (itsRegion !== region) throw new Refusal(400, "AuthorizationHeaderMalformed", `<Region>${region}</Region>`);
    if (!signedHeaders.includes("host")) throw new Refusal(403, "AccessDenied");
    const unsigned = Object.keys(headers).find((name) => name.startsWith("x-amz-") && !signedHeaders.includes(name));
    if (unsigned) throw new Refusal(403, "AccessDenied", `<Header>${unsigned}</Header>`);
    const at = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
    const age = (Date.now() + s3.clockMs - at) / 1000;
    if (presigned) {
      const expires = Number(url.searchParams.get("X-Amz-Expires"));
      if (!(expires >= 1 && expires <= 604_800)) throw new Refusal(400, "AuthorizationQueryParametersError");
      if (age > expires || age < -skewSeconds)
        throw new Refusal(403, "AccessDenied", "<Message>Request has expired</Message>");
    } else if (!(Math.abs(age) <= skewSeconds)) throw new Refusal(403, "RequestTimeTooSkewed");
    const payload = presigned ? "UNSIGNED-PAYLOAD" : (headers["x-amz-content-sha256"] ?? "");
    if (payload === "") throw new Refusal(400, "MissingSecurityHeader");
    const expected = signatureOf(
      {
        method: request.method!,
        path: url.pathname,
        query: [...url.searchParams].filter(([name]) => name !== "X-Amz-Signature"),
        headers,
        signedHeaders,
        date,
        region,
        service,
        payload,
      },
      secret,
    );
    if (expected.length !== signature.length || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature)))
      throw new Refusal(403, "SignatureDoesNotMatch");
    if (!presigned && payload !== sha256(body)) throw new Refusal(400, "XAmzContentSHA256Mismatch");
  };

  const perform = (request: IncomingMessage, key: string, body: Buffer): { status: number; body?: Buffer } => {
    const { method } = request;
    const present = s3.objects.get(key);
    if (method === "GET" || method === "HEAD") {
      if (!present) throw new Refusal(404, "NoSuchKey");
      return { status: 200, body: present };
    }
    if (method !== "PUT") throw new Refusal(405, "MethodNotAllowed");
    if (request.headers["if-none-match"] !== undefined && conditional !== "ignores") {
      if (conditional === "refuses") throw new Refusal(501, "NotImplemented");
      if (present) throw new Refusal(412, "PreconditionFailed");
    }
    s3.objects.set(key, body);
    return { status: 200 };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url!, `http://${request.headers.host}`);
    const [, itsBucket, ...rest] = url.pathname.split("/");
    const key = rest.map(decodeURIComponent).join("/");
    const fault = s3.fault(request.method!, key);
    if (fault === "broken") return void request.socket.destroy();
    if (fault === "silent") return;
    const parts = await request.toArray().catch(() => null);
    if (!parts) return; // the client is gone
    const body = Buffer.concat(parts);
    let status = 200;
    let sent: Buffer = Buffer.alloc(0);
    try {
      if (fault && typeof fault !== "string") throw new Refusal(fault.status, fault.code ?? "", "", fault.body);
      verify(request, url, body);
      if (itsBucket !== bucket) throw new Refusal(404, "NoSuchBucket");
      const done = perform(request, key, body);
      status = done.status;
      sent = done.body ?? sent;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      status = error.status;
      sent = Buffer.from(error.body);
    }
    s3.log.push(`${request.method} ${key} ${status}`);
    if (fault === "done, then broken") return void request.socket.destroy();
    response.writeHead(status, {
      date: new Date(Date.now() + s3.clockMs).toUTCString(),
      "content-length": sent.length,
      "content-type": status === 200 ? "application/octet-stream" : "application/xml",
      "access-control-allow-origin": "*",
    });
    if (fault !== "cut off") return void response.end(sent);
    response.write(sent.subarray(0, sent.length / 2), () => request.socket.destroy());
  };

  const server = createServer((request, response) => void answer(request, response));
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  s3.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${bucket}`;
  return s3;
}

/** An error of S3's, as XML. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    code: string,
    more = "",
    readonly body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code>${more}</Error>`,
  ) {
    super(code);
  }
}

interface Given {
  keyId: string;
  scope: string[];
  signedHeaders: string[];
  signature: string;
  date: string;
}

function ofHeader({ authorization = "", "x-amz-date": date = "" }: Record<string, string>): Given {
  const form = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, credential, signedHeaders, signature] = form.exec(authorization) ?? [];
  if (!credential || !signedHeaders || !signature) throw new Refusal(403, "AccessDenied");
  const [keyId, ...scope] = credential.split("/");
  return { keyId: keyId!, scope, signedHeaders: signedHeaders.split(";"), signature, date };
}

function ofQuery({ searchParams }: URL): Given {
  const get = (name: string) => searchParams.get(`X-Amz-${name}`) ?? "";
  if (get("Algorithm") !== "AWS4-HMAC-SHA256") throw new Refusal(400, "AuthorizationQueryParametersError");
  const [keyId, ...scope] = get("Credential").split("/");
  return {
    keyId: keyId!,
    scope,
    signedHeaders: get("SignedHeaders").split(";"),
    signature: get("Signature"),
    date: get("Date"),
  };
}
