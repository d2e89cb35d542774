/**
 * Configures the tests in Node: everything in tests/ that is named `*.test.ts`.
 * Browser tests are in tests/e2e and run under Playwright.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Every TensorFlow.js module that a file under lib/ or tests/ imports, `…/dist/…` included. */
function tensorflowImports(): string[] {
  const sources = ["lib", "tests"].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => readFileSync(join(root, room, path), "utf8")),
  );
  const imported = sources.flatMap((source) => source.match(/(?<=")@tensorflow\/[\w/.-]+(?=")/g) ?? []);
  return [...new Set(imported)].filter((entry) => !entry.endsWith(".json")).sort();
}

/** Tests that change process-wide state (environment, GPU, threads), or use much memory. */
const ownProcess = [
  "tests/{cli,datasets,rendering,server}/**/*.test.ts",
  "tests/runtime/{budgets,wasm-program}.test.ts",
  "tests/training/memory.test.ts",
];

/**
 * Tests of seconds in which the version of Node makes no difference, because they are about SQL, Python or other
 * processes; `npm run test:fast` skips them.
 */
const slow = [
  "tests/datasets/copies.test.ts",
  "tests/dmbn/package.test.ts",
  "tests/dmbn/policy/export/pytorch.test.ts",
  "tests/cli/{held-out,operate,reproduce,results,study,train,trajectory}.test.ts",
  "tests/python/*.test.ts",
  "tests/rendering/*.test.ts",
  "tests/server/backup/backup.test.ts",
  "tests/server/boards/{over-boards,rank,read}.test.ts",
  "tests/server/database/{interrupted,release,upgrade}.test.ts",
  "tests/server/people/{accounts,links,people,sessions}.test.ts",
  "tests/server/policies/names.test.ts",
  "tests/server/runs/*.test.ts",
  "tests/server/scoring/*.test.ts",
];

/** Long tests start first. Tests that lose the GPU run last: a new device compiles every shader again. */
class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = [
      /rendering\/views/,
      /server\/(scoring|database|runs|backup)\//,
      /wasm-program|cli\//,
      /server\//,
      /./,
    ];
    const rank = ({ moduleId }: TestSpecification): number =>
      /training\/checkpoint/.test(moduleId) ? Infinity : order.findIndex((pattern) => pattern.test(moduleId));
    return files.sort((a, b) => Math.sign(rank(a) - rank(b)) || a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  root,
  resolve: {
    alias: [
      // A folder with a package.json would resolve to the package that is built from it.
      { find: /^@\/lib\/dmbn$/, replacement: join(root, "lib/dmbn/index.ts") },
      { find: /^@\//, replacement: root },
      // Outside a React server, `server-only` throws on import: use the empty module that Next uses on servers.
      { find: /^server-only$/, replacement: join(root, "node_modules/server-only/empty.js") },
    ],
  },
  // Components are rendered by React's production build, which is several times as fast.
  oxc: { jsx: { runtime: "automatic", development: false } },
  // In Node, each TensorFlow.js package resolves to one bundle, and a `…/dist/…` import beside it would load a second
  // core. Bundled from their ES modules, all share one, as in the browser.
  ssr: { resolve: { mainFields: ["module", "main"] } },
  test: {
    environment: "node",
    globalSetup: [
      "tests/support/software-gpu.ts",
      "tests/support/database-templates.ts",
      "tests/support/scoring-programs.ts",
    ],
    pool: "forks",
    sequence: { sequencer: Sequencer },
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["tests/**/*.test.ts"],
          exclude: [...configDefaults.exclude, "tests/deploy/**", ...ownProcess, ...slow],
          // One process for all of them: a software GPU spends most of its time compiling shaders, and compiles each
          // once per device.
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
          // Two even on two cores: half the time, these tests wait for a database or a process.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      { extends: true, test: { name: "deploy", include: ["tests/deploy/*.test.ts"], sequence: { groupOrder: 3 } } },
      { extends: true, test: { name: "slow", include: slow, maxWorkers: 2, sequence: { groupOrder: 2 } } },
    ],
    // Generous, for a busy machine with two cores; a test that needs more sets its own timeout.
    testTimeout: 300_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 120_000 } },
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
