/** Python for the tests: the one of this shell, else Debian's. */
import { spawn, spawnSync } from "node:child_process";
import { json, text } from "node:stream/consumers";

/** Name or path of a Python that has `module`; undefined if there is none. */
export const findPython = (module: "json" | "numpy" | "torch"): string | undefined =>
  ["python3", "/usr/bin/python3"].find((program) => spawnSync(program, ["-c", `import ${module}`]).status === 0);

/**
 * The JSON that a Python program prints, given `input` as JSON.
 * @throws Error with the program's own message if it fails
 */
export async function runPython<Output>(python: string, argv: readonly string[], input: unknown): Promise<Output> {
  const child = spawn(python, argv);
  child.stdin.on("error", () => {}); // it exited without reading: its message says why
  child.stdin.end(JSON.stringify(input));
  const [output, message] = await Promise.allSettled([json(child.stdout), text(child.stderr)]);
  if (output.status === "fulfilled") return output.value as Output;
  throw new Error(`${python} printed no JSON. ${message.status === "fulfilled" ? message.value : ""}`);
}
