/**
 * Runs `dmbench trajectory`: records reference runs of a benchmark, each in a file that any policy can be scored on.
 * Skips files that are already complete, so the command resumes where it stopped.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "@/lib/datasets";
import type { Benchmark } from "@/lib/leaderboard";
import { drawSeed } from "@/lib/leaderboard";
import type { Trajectory, TrajectoryHeader, Variant } from "@/lib/records";
import { decodeTrajectory, encodeTrajectory } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { planRun, recordTrajectory } from "@/lib/training";
import { writeChecksums } from "./checksums";
import { megabytes, openDataset } from "./data-folders";
import { prepareFolder, writeWhole } from "./output";
import type { Terminal } from "./terminal";
import { duration } from "./terminal";

export interface TrajectoryTask {
  benchmark: Benchmark;
  /** Public seeds, or how many held-out seeds to draw. */
  seeds: readonly number[] | { heldOut: number };
  variants: readonly Variant[];
  /** Folder of all benchmarks' trajectories. */
  out: string;
  /** Default: one per core. */
  threads?: number | undefined;
}

/** Records the runs that are missing and prints the checksum of each file. */
export async function recordTrajectories(
  { benchmark, seeds, variants, out, threads }: TrajectoryTask,
  terminal: Terminal,
): Promise<void> {
  const heldOut = "heldOut" in seeds;
  const folder = join(out, `${benchmark.slug}-v${benchmark.version}`, ...(heldOut ? ["held-out"] : []));
  await prepareFolder(folder);
  const dataset = await openDataset(benchmark.recipe.dataset, terminal);
  const { name: backend } = await startNodeBackend("wasm", { threads });

  // A held-out run is named by its number: its seed appears only inside its file.
  const names = heldOut ? Array.from({ length: seeds.heldOut }, (_, index) => index + 1) : seeds;
  const checksums = new Map<string, string>();
  for (const name of names) {
    const existing = await Promise.all(
      variants.map((variant) =>
        completeFile(join(folder, fileName(variant, name)), {
          benchmark,
          variant,
          dataset,
          seed: heldOut ? null : name,
        }),
      ),
    );
    const seed = heldOut ? (existing.find((file) => file !== null)?.header.seed ?? drawSeed(randomBytes)) : name;
    for (const [index, variant] of variants.entries()) {
      const file = fileName(variant, name);
      const before = existing[index];
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
  title: string,
  terminal: Terminal,
): Promise<Trajectory> {
  const plan = planRun({ recipe, variant, seed, dataset });
  const from = terminal.now();
  const run = recordTrajectory(plan, backend);
  for (let event = await run.next(); ; event = await run.next()) {
    if (event.done) return event.value;
    const { step } = event.value;
    const secondsPerStep = (terminal.now() - from) / step / 1000;
    const left = duration(secondsPerStep * (plan.shape.steps - step));
    terminal.progress(`${title}: step ${step} of ${plan.shape.steps}, ${left} left`);
    await setImmediate(); // lets Ctrl-C through
    terminal.signal.throwIfAborted();
  }
}

/** The file if it is complete and of this very run (of any seed where `seed` is null); else null. */
async function completeFile(
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
