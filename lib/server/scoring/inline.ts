/**
 * Scoring in the site's own process, for functions, which can't start others: with one thread, so everything else waits
 * for a part of a task, such as one policy on one run.
 */
import "server-only";
import { loadComputer, programFolder } from "../programs";
import type { Results, Task } from "./messages";
import type { ScoringProcess } from "./scoring-process";
import { ScoringError } from "./scoring-process";

// On globalThis: a server has several copies of this module, one per bundle, and one computer.
const shared = globalThis as typeof globalThis & { dmbenchInline?: ScoringProcess };

/** Looks like a scoring process that never ends. There is one, with the cache of its first call. */
export const scoreInline = ({ cacheBytes }: { cacheBytes: number }): ScoringProcess =>
  (shared.dmbenchInline ??= start(cacheBytes));

function start(cacheBytes: number): ScoringProcess {
  const ready = loadComputer().then((computer) => {
    computer.setUpComputer({ cacheBytes, wasmPaths: `${programFolder}/` });
    return computer;
  });
  let last: Promise<unknown> = ready;
  return {
    run<Kind extends Task["kind"]>(task: Extract<Task, { kind: Kind }>): Promise<Results[Kind]> {
      const result = last.then(async () => (await ready).compute<Kind>(task));
      last = result.catch(() => {});
      return result.catch((error: unknown) => {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        throw new ScoringError(message, { cause: name });
      });
    },
    pace(share) {
      void ready.then(({ setPace }) => setPace(share)).catch(() => {}); // a task says why
    },
    end() {},
    ended: () => false,
  };
}
