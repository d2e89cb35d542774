/** Reads the JSON of a request, up to a limit, and refuses other kinds of bodies. */
import type { Issue } from "@/lib/records";
import { characterCount, formatIssue } from "@/lib/records";
import { problem } from "./problem";

type Refused = { refusal: Response };
export type Body = { json: unknown } | Refused;

/**
 * The JSON of a request.
 * @param limitBytes a longer body is refused before it is read to its end
 */
export async function readJson(request: Request, limitBytes: number): Promise<Body> {
  const read = await readBytes(request, { media: "application/json", limitBytes });
  if ("refusal" in read) return read;
  try {
    return { json: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(read.bytes)) as unknown };
  } catch (error) {
    return refuse(400, "not-json", "Not JSON", {
      field: "",
      expected: "JSON in UTF-8",
      found: (error as Error).message,
      remedy: "Send one JSON value; NaN and Infinity are none.",
    });
  }
}

/**
 * The bytes of a request of one media type.
 * @param limitBytes a longer body is refused before it is read to its end
 */
export async function readBytes(
  request: Request,
  { media, limitBytes }: { media: string; limitBytes: number },
): Promise<{ bytes: Uint8Array } | Refused> {
  const refusal = refuseMedia(request, [media]);
  if (refusal) return { refusal };
  const declared = Number(request.headers.get("content-length"));
  if (declared > limitBytes) return tooLarge(limitBytes, `${declared} bytes`);

  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of request.body?.values({ preventCancel: true }) ?? []) {
    read += chunk.length;
    if (read > limitBytes) break;
    chunks.push(chunk);
  }
  if (read > limitBytes) {
    void drain(request.body!);
    return tooLarge(limitBytes, "more");
  }
  return { bytes: Buffer.concat(chunks) };
}

/** The body with the length of each secret in place of its value. */
export function withoutSecrets(secret: readonly string[], json: unknown): unknown {
  if (secret.length === 0 || typeof json !== "object" || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]: [string, unknown]) => [
      name,
      secret.includes(name)
        ? typeof value === "string"
          ? `${characterCount(value)} characters`
          : typeof value
        : value,
    ]),
  );
}

/** 415 for a body that is of another media type, compressed, or in another character set than UTF-8; null otherwise. */
export function refuseMedia(request: Request, types: readonly string[]): Response | null {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (!/^\s*(identity)?\s*$/i.test(encoding))
    return unsupported(
      {
        field: "content-encoding",
        expected: "a body as it is",
        found: encoding,
        remedy: "Send it without compression or another encoding.",
      },
      { "accept-encoding": "identity" },
    );
  const found = request.headers.get("content-type") ?? "nothing";
  const [type = "", ...parameters] = found.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  if (types.includes(type) && (!charset || /^charset="?utf-?8"?$/.test(charset))) return null;
  return unsupported(
    {
      field: "content-type",
      expected: `${types.join(" or ")} in UTF-8`,
      found,
      remedy: "Send that, and say so in the content-type header.",
    },
    { accept: types.join(", ") },
  );
}

const unsupported = (issue: Issue, headers: Record<string, string>): Response =>
  problem({
    status: 415,
    kind: "not-json",
    title: "Not this kind of body",
    detail: formatIssue(issue),
    errors: [issue],
    headers,
  });

/** The most bytes of a refused body that are drained. */
const drainBytes = 16 << 20;

/**
 * Drains the rest of a body, so that the connection can be reused for the next request; closes the connection if too
 * much is left.
 */
async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > drainBytes) return; // leaving the loop cancels the stream
    }
  } catch {
    // the client closed the connection
  }
}

const tooLarge = (limitBytes: number, found: string): Refused =>
  refuse(413, "too-large", "Too large", {
    field: "",
    expected: `at most ${limitBytes} bytes`,
    found,
    remedy: "Send less in one request.",
  });

const refuse = (status: number, kind: string, title: string, issue: Issue): Refused => ({
  refusal: problem({ status, kind, title, detail: formatIssue(issue), errors: [issue] }),
});
