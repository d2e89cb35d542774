/**
 * The work of `dmbench trajectory`: reference runs of a benchmark, each a file
 * that any policy can be scored on. Whole files of the same run stay, so the
 * command goes on where it stopped.
 */
import { createHash, randomInt } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "@/lib/datasets";
import type { Benchmark } from "@/lib/leaderboard";
import type { Trajectory, TrajectoryHeader, Variant } from "@/lib/records";
import { decodeTrajectory, encodeTrajectory } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { planRun, recordTrajectory } from "@/lib/training";
import { megabytes, openDataset } from "./data-folders";
import { writeWhole } from "./run-files";
import type { Terminal } from "./terminal";
import { duration } from "./terminal";

export interface TrajectoryTask {
  benchmark: Benchmark;
  /** Public seeds; or how many held-out ones to draw. */
  seeds: readonly number[] | { heldOut: number };
  variants: readonly Variant[];
  /** Folder of all benchmarks' trajectories. */
  out: string;
}

/** Of `sha256sum`: what each file has to be. */
const CHECKSUMS = "SHA256SUMS";

/** Seeds below are for public runs. */
const LEAST_HELD_OUT_SEED = 2 ** 16;

export async function recordTrajectories(
  { benchmark, seeds, variants, out }: TrajectoryTask,
  terminal: Terminal,
): Promise<void> {
  const heldOut = "heldOut" in seeds;
  const folder = join(out, `${benchmark.slug}-v${benchmark.version}`, ...(heldOut ? ["held-out"] : []));
  await mkdir(folder, { recursive: true });
  const dataset = await openDataset(benchmark.recipe.dataset, terminal);
  const { name: backend } = await startNodeBackend("wasm");

  // A held-out run is named by its number: its seed is told nowhere but inside its file.
  const names = heldOut ? Array.from({ length: seeds.heldOut }, (_, index) => index + 1) : seeds;
  const checksums = new Map<string, string>();
  for (const name of names) {
    const kept = await Promise.all(
      variants.map((variant) =>
        whole(join(folder, fileName(variant, name)), { benchmark, variant, dataset, seed: heldOut ? null : name }),
      ),
    );
    const seed = heldOut
      ? (kept.find((one) => one !== null)?.header.seed ?? randomInt(LEAST_HELD_OUT_SEED, 2 ** 32))
      : name;
    for (const [index, variant] of variants.entries()) {
      const file = fileName(variant, name);
      const before = kept[index];
      const bytes =
        before?.bytes ??
        encodeTrajectory(
          await record(
            { benchmark, variant, seed, dataset, backend },
            `${heldOut ? "held-out " : ""}${name}, ${variant}`,
            terminal,
          ),
        );
      if (!before) await writeWhole(join(folder, file), bytes);
      const hash = createHash("sha256").update(bytes).digest("hex");
      checksums.set(file, hash);
      terminal.out(`${hash}  ${join(folder, file)}  ${megabytes(bytes.length)} MB${before ? ", was there" : ""}\n`);
      await writeChecksums(folder, checksums);
    }
  }
}

const fileName = (variant: Variant, name: number) => `${variant}-${name}.safetensors`;

interface Run {
  benchmark: Benchmark;
  variant: Variant;
  seed: number;
  dataset: Dataset;
}

async function record(
  { benchmark: { recipe }, variant, seed, dataset, backend }: Run & { backend: string },
  what: string,
  terminal: Terminal,
): Promise<Trajectory> {
  const plan = planRun({ recipe, variant, seed, dataset });
  const from = terminal.now();
  const run = recordTrajectory(plan, backend);
  for (let report = await run.next(); ; report = await run.next()) {
    if (report.done) return report.value;
    const { step } = report.value;
    terminal.progress(
      `${what}: step ${step} of ${plan.shape.steps}, ${duration((((terminal.now() - from) / step) * (plan.shape.steps - step)) / 1000)} left`,
    );
    await setImmediate(); // lets Ctrl-C through
    terminal.signal.throwIfAborted();
  }
}

/** The file where it is whole and of this very run (of any seed where `seed` is null); null otherwise. */
async function whole(
  path: string,
  { benchmark, variant, seed, dataset }: Omit<Run, "seed"> & { seed: number | null },
): Promise<{ bytes: Uint8Array; header: TrajectoryHeader } | null> {
  const bytes = await readFile(path).catch(() => null);
  if (!bytes) return null;
  try {
    const { header } = decodeTrajectory(bytes);
    const same =
      JSON.stringify(Object.entries(header.recipe).sort()) ===
        JSON.stringify(Object.entries(benchmark.recipe).sort()) &&
      header.variant === variant &&
      header.dataset.hash === dataset.hash &&
      (seed === null || header.seed === seed);
    return same ? { bytes, header } : null;
  } catch {
    return null;
  }
}

/** Adds to the checksums that are there; `sha256sum -c` reads them. */
async function writeChecksums(folder: string, checksums: ReadonlyMap<string, string>): Promise<void> {
  const text = await readFile(join(folder, CHECKSUMS), "utf8").catch(() => "");
  const before = text.split("\n").flatMap((line): [string, string][] => {
    const [hash, file] = line.split("  ");
    return hash && file ? [[file, hash]] : [];
  });
  const all = [...new Map([...before, ...checksums])].sort(([a], [b]) => (a < b ? -1 : 1));
  await writeWhole(join(folder, CHECKSUMS), all.map(([file, hash]) => `${hash}  ${file}\n`).join(""));
}
