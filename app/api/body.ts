/** Reading a request's JSON, no further than it may go. */
import { problem } from "./problem";

export type Body = { json: unknown } | { refusal: Response };

/**
 * The JSON of a request.
 * @param limitBytes a longer body is refused, without being read to its end
 */
export async function readJson(request: Request, limitBytes: number): Promise<Body> {
  const type = request.headers.get("content-type") ?? "nothing";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return refuse(415, "not-json", "Not JSON", { field: "content-type", expected: "application/json", found: type, remedy: "Send JSON, and say so in the content-type header." });
  }
  const declared = Number(request.headers.get("content-length"));
  if (declared > limitBytes) return tooLarge(limitBytes, `${declared} bytes`);

  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    read += chunk.length;
    if (read > limitBytes) return tooLarge(limitBytes, "more"); // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  try {
    return { json: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks))) as unknown };
  } catch (error) {
    return refuse(400, "not-json", "Not JSON", { field: "", expected: "JSON in UTF-8", found: (error as Error).message, remedy: "Send one JSON value; NaN and Infinity are none." });
  }
}

const tooLarge = (limitBytes: number, found: string): Body =>
  refuse(413, "too-large", "Too large", { field: "", expected: `at most ${limitBytes} bytes`, found, remedy: "Send less in one request." });

function refuse(status: number, kind: string, title: string, error: { field: string; expected: string; found: string; remedy: string }): Body {
  return { refusal: problem({ status, kind, title, detail: `${error.field || "body"}: expected ${error.expected}, found ${error.found}. ${error.remedy}`, errors: [error] }) };
}
