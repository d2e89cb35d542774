/** The notebook runs as it is downloaded, and shows what a run of it prints. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { scratch } from "../cli/command";
import { findPython, runPython } from "../support/python";

interface Cell {
  cell_type: "code" | "markdown";
  source: string[];
  execution_count?: number | null;
  outputs?: { output_type: string; text: string[] }[];
}

const name = "your-network.ipynb";
const python = findPython("torch");

/** Without what differs between versions of PyTorch and machines: numbers, and what follows from them. */
const gist = (text: string) =>
  text
    .replace(/, edge of the grid|^\S+(?=: \S+$)/gm, "")
    .replace(/-?\d+(\.\d+)?(e[-+]\d+)?/g, "#")
    .split("\n")
    .map((line) => line.trim().split(/\s{2,}/)[0]!)
    .sort();

it.skipIf(!python)(
  `the notebook runs in a folder with dmbn.py and the digits, and shows what it prints${python ? "" : " (skipped: apt-get install python3-torch)"}`,
  async () => {
    const folder = scratch();
    for (const file of [`python/${name}`, "python/dmbn.py", "datasets/digits/digits.csv.gz"])
      cpSync(join("public", file), join(folder, file.split("/").at(-1)!));
    const printed = await runPython<string[]>(
      python!,
      ["-B", "tests/python/run_notebook.py", join(folder, name)],
      null,
    );
    const { cells } = JSON.parse(readFileSync(join(folder, name), "utf8")) as { cells: Cell[] };
    const code = cells.filter(({ cell_type }) => cell_type === "code");
    expect(code.map(({ execution_count }) => execution_count)).toEqual(code.map((_, index) => index + 1));
    const shown = code.map(({ outputs }) => outputs!.flatMap(({ text }) => text).join(""));
    expect(printed.map(gist)).toEqual(shown.map(gist));
    const scored = printed
      .join("")
      .split("\n")
      .filter((line) => /^\S+ +0\.\d{4} /.test(line));
    expect(scored).toHaveLength(builtInPolicies.length - 2);
    const [, asTrained, best] = printed.join("").match(/default: (0\.\d+)\n\S+: (0\.\d+)\n/)!;
    expect(Number(asTrained)).toBeGreaterThan(0.85);
    expect(Number(best)).toBeGreaterThan(Number(asTrained) - 0.03);
    expect(Number(printed.at(-1)!.match(/: (\S+)\n$/)![1])).toBeLessThan(1e-5);
  },
);
