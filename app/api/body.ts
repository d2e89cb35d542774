/** Reads the JSON of a request, up to a limit. */
import type { Issue } from "@/lib/records";
import { formatIssue } from "@/lib/records";
import { problem } from "./problem";

export type Body = { json: unknown } | { refusal: Response };

/**
 * The JSON of a request.
 * @param limitBytes a longer body is refused before it is read to its end
 */
export async function readJson(request: Request, limitBytes: number): Promise<Body> {
  const type = request.headers.get("content-type") ?? "nothing";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return refuse(415, "not-json", "Not JSON", {
      field: "content-type",
      expected: "application/json",
      found: type,
      remedy: "Send JSON, and say so in the content-type header.",
    });
  }
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
  try {
    return { json: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks))) as unknown };
  } catch (error) {
    return refuse(400, "not-json", "Not JSON", {
      field: "",
      expected: "JSON in UTF-8",
      found: (error as Error).message,
      remedy: "Send one JSON value; NaN and Infinity are none.",
    });
  }
}

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

const tooLarge = (limitBytes: number, found: string): Body =>
  refuse(413, "too-large", "Too large", {
    field: "",
    expected: `at most ${limitBytes} bytes`,
    found,
    remedy: "Send less in one request.",
  });

const refuse = (status: number, kind: string, title: string, issue: Issue): Body => ({
  refusal: problem({ status, kind, title, detail: formatIssue(issue), errors: [issue] }),
});
