/**
 * How the tests in Node run: everything in tests/ that is named `*.test.ts`.
 * What needs a browser lives in tests/e2e and runs under Playwright.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Every entry of TensorFlow.js that a file under lib/ or tests/ imports, `…/dist/…` included. */
function tensorflowImports(): string[] {
  const sources = ["lib", "tests"].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => readFileSync(join(root, room, path), "utf8")),
  );
  const imported = sources.flatMap((source) => source.match(/(?<=")@tensorflow\/[\w/.-]+(?=")/g) ?? []);
  return [...new Set(imported)].filter((entry) => !entry.endsWith(".json")).sort();
}

/** Tests that change what belongs to the whole process (its environment, its GPU, its threads), or use much memory. */
const ownProcess = [
  "tests/{cli,datasets,server}/**/*.test.ts",
  "tests/runtime/{budgets,wasm-program}.test.ts",
  "tests/training/memory.test.ts",
];

/** Tests that take longest, most of it in processes that they start; `npm run test:fast` leaves them out. */
const slow = [
  "tests/dmbn/package.test.ts",
  "tests/dmbn/policy/export/pytorch.test.ts",
  "tests/cli/{study,train,trajectory}.test.ts",
  "tests/server/runs/killed.test.ts",
  "tests/server/scoring/*.test.ts",
];

/** What takes long begins first, and what loses the GPU comes last: a new device compiles every shader again. */
class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = [/server\/scoring\//, /server\/runs\/killed/, /cli\//, /server\//, /./];
    const rank = ({ moduleId }: TestSpecification): number =>
      /training\/checkpoint/.test(moduleId) ? Infinity : order.findIndex((pattern) => pattern.test(moduleId));
    return files.sort((a, b) => Math.sign(rank(a) - rank(b)) || a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  root,
  resolve: {
    alias: [
      // A folder with a package.json would be entered as the package that is built from it.
      { find: /^@\/lib\/dmbn$/, replacement: join(root, "lib/dmbn/index.ts") },
      { find: /^@\//, replacement: root },
      // Outside a React server `server-only` throws on import: take what Next gives a server.
      { find: /^server-only$/, replacement: join(root, "node_modules/server-only/empty.js") },
    ],
  },
  // TensorFlow.js gives Node one bundle a package, and a `…/dist/…` import beside it would bring a
  // second core. Bundled together from their modules, all share one, as in the browser.
  ssr: { resolve: { mainFields: ["module", "main"] } },
  test: {
    environment: "node",
    globalSetup: ["tests/support/software-gpu.ts"],
    pool: "forks",
    sequence: { sequencer: Sequencer },
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["tests/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...ownProcess, ...slow],
          // One process for all of them: a GPU in software takes most of its time to compile shaders, and compiles each
          // once a device.
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "isolated",
          include: ownProcess,
          exclude: [...configDefaults.exclude, ...slow],
          // Two even where there are two cores: half of what these tests do is wait for a database or a process.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      { extends: true, test: { name: "slow", include: slow, maxWorkers: 2, sequence: { groupOrder: 2 } } },
    ],
    // Generous, for a busy machine with two cores; a test that needs more says so itself.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    deps: {
      optimizer: {
        ssr: {
          enabled: true,
          include: tensorflowImports(),
          rolldownOptions: {
            output: {
              // The WASM backend's loader is written for CommonJS.
              intro: `import { createRequire as commonJs } from "node:module";
                const require = commonJs(import.meta.url);
                const __dirname = import.meta.dirname, __filename = import.meta.filename;`,
            },
          },
        },
      },
    },
  },
});
