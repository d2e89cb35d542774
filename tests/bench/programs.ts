/** Programs that time one thing each and print it: ours in Node, and PyTorch's. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Recipe } from "@/lib/records";

/** The last line that a program prints. */
function run(command: string, args: readonly string[]): string | Error {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 300_000 });
  if (status === 0) return stdout.trim().split("\n").at(-1)!;
  const lines = (stderr ?? "").trim().split("\n");
  return new Error(
    lines.find((line) => /^(\w*Error|Failure)( \[\w+\])?: /.test(line)) ?? lines.at(-1) ?? `ended with ${status}`,
  );
}

const here = (file: string) => fileURLToPath(new URL(`./${file}`, import.meta.url));

/** A program beside this one, whether that is TypeScript or has been bundled. */
export const program = (name: string, ...args: (string | number)[]): string | Error =>
  run(process.execPath, [...process.execArgv, here(name + path.extname(import.meta.url)), ...args.map(String)]);

/** The figure that a program printed, or why there is none. */
export const figure = (printed: string | Error): number | string =>
  printed instanceof Error ? printed.message : Number(printed);

export type TorchDevice = "cpu" | "cuda" | "cuda-graph";

/** Images per second of the first Python that has PyTorch. On a CPU its threads are those of OpenMP and of OpenBLAS. */
export function pyTorch(
  { model, batchSize, width }: Pick<Recipe, "model" | "batchSize" | "width">,
  steps: number,
  { threads = 1, device = "cpu" }: { threads?: number; device?: TorchDevice },
): number | string {
  const args = [here("step_torch.py"), model, ...[batchSize, steps, threads, width].map(String), device];
  const tried = ["/usr/bin/python3", "python3"].map((python) => () => figure(run(python, args)));
  const first = tried[0]!();
  return typeof first === "number" || first.includes("BLAS") ? first : tried[1]!();
}
