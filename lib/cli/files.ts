/** Files that the user names: read whole, with every way to fail said in words that name the file. */
import { readFile } from "node:fs/promises";
import { JsonError, parseJson } from "@/lib/records";
import { UsageError } from "./exit";
import { reasonOf } from "./reasons";

/**
 * The bytes of a file.
 * @throws UsageError naming the file
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`${path} can't be read: ${reasonOf(error)}.`);
  }
}

/** What the decoders of `lib/records` and the plan of a run throw for content that they can't use. */
const contentErrors = ["SafetensorsError", "TrajectoryError", "ResultsError", "DatasetError", "RangeError"];

/**
 * The result of `read`, which reads the content of a file.
 * @throws UsageError naming the file, if its content is wrong
 */
export async function contentOf<Result>(path: string, read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error && contentErrors.includes(error.name))) throw error;
    throw new UsageError(`${path}: ${error.message.replace(/\.$/, "")}.`);
  }
}

/**
 * The text of a file in UTF-8, with or without a byte order mark.
 * @throws UsageError naming the file
 */
async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes); // which drops the mark
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new UsageError(`${path}: expected text in UTF-8, found ${utf16 ? "UTF-16" : "bytes that are none"}.`);
  }
}

/**
 * The value of a JSON file.
 * @throws UsageError naming the file, and the line and column where it stops being JSON
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new UsageError(`${path} is not JSON: ${error.message}.`);
  }
}
