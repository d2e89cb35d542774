/**
 * Scoring in the site's own process, for functions, which can't start others: with one thread, so everything else waits
 * for a part of a task, such as one policy on one run.
 */
import "server-only";
import type { Results, Task } from "./messages";
import { loadComputer, programFolder } from "./programs";
import type { ScoringProcess } from "./scoring-process";
import { ScoringError } from "./scoring-process";

// On globalThis: a server has several copies of this module, one per bundle, and one computer.
const shared = globalThis as typeof globalThis & { dmbenchComputer?: ReturnType<typeof start> };

/** This process's computer, started by the first call. */
const computerOf = (cacheBytes: number): ReturnType<typeof start> => (shared.dmbenchComputer ??= start(cacheBytes));

async function start(cacheBytes: number) {
  const computer = await loadComputer();
  computer.setUpComputer({ threads: 1, cacheBytes, wasmPaths: `${programFolder}/` });
  return computer;
}

/** Looks like a scoring process, and never ends. */
export function scoreInline({ cacheBytes }: { cacheBytes: number }): ScoringProcess {
  const computer = computerOf(cacheBytes);
  let last: Promise<unknown> = computer;
  return {
    run<Kind extends Task["kind"]>(task: Extract<Task, { kind: Kind }>): Promise<Results[Kind]> {
      const result = last.then(async () => (await computer).compute<Kind>(task));
      last = result.catch(() => {});
      return result.catch((error: unknown) => {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        throw new ScoringError(message, { cause: name });
      });
    },
    pace(share) {
      void computer.then(({ setPace }) => setPace(share));
    },
    end() {},
    ended: () => false,
  };
}
