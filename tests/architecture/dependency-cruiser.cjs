/**
 * Who may import whom, for dependency-cruiser (`npm run check:boundaries`).
 * boundaries.test.ts shows that each rule fails when it is broken.
 */

/** What each room of lib/ may lean on besides itself. A path names a part of a room. */
const mayLeanOn = {
  dmbn: [],
  datasets: [],
  evaluation: [],
  // Its kernels register under the names that these two declare.
  runtime: ["(dmbn|training)/kernels\\.ts$"],
  models: ["dmbn"],
  training: ["dmbn", "models", "datasets", "evaluation"],
  // The recipe and the run record are schemas: no network, no tensor.
  leaderboard: ["dmbn", "evaluation", "training/(recipe|run-record)\\.ts$"],
  server: ["dmbn", "datasets", "evaluation", "runtime", "models", "training", "leaderboard"],
  cli: ["dmbn", "datasets", "evaluation", "runtime", "models", "training", "leaderboard"],
};

/** Packages are named as they resolve, or as they are written where they are not installed. */
const packages = (...names) => `(^|node_modules/)(${names.join("|")})(/|$)`;

module.exports = {
  forbidden: [
    ...Object.entries(mayLeanOn).map(([room, others]) => ({
      name: `room-${room}`,
      comment: `lib/${room} may lean on ${others.join(", ") || "no other room"}`,
      severity: "error",
      from: { path: `^lib/${room}/` },
      to: { path: "^lib/", pathNot: [room, ...others].map((path) => `^lib/${path}${path.endsWith("$") ? "" : "/"}`) },
    })),
    {
      name: "front-door-dmbn",
      comment: "lib/dmbn is entered through its index.ts, or policy/index.ts: a policy needs no tensor, so a page that shows one loads no TensorFlow.js",
      severity: "error",
      from: { path: "^(app|lib|prisma)/", pathNot: "^lib/dmbn/" },
      to: { path: "^lib/dmbn/", pathNot: "^lib/dmbn/(policy/)?index\\.ts$|^lib/dmbn/kernels\\.ts$" },
    },
    {
      name: "front-door-leaderboard",
      comment: "lib/leaderboard is entered through its index.ts, or benchmarks.ts and scopes.ts: lists that a page may show without the rules and their schemas",
      severity: "error",
      from: { path: "^(app|lib|prisma)/", pathNot: "^lib/leaderboard/" },
      to: { path: "^lib/leaderboard/", pathNot: "^lib/leaderboard/(index|benchmarks|scopes)\\.ts$" },
    },
    {
      name: "components-apart-from-server",
      comment: "a component is given what it shows: neither lib/server nor the database, types excepted",
      severity: "error",
      from: { path: "^app/_components/" },
      to: { path: ["^lib/server/", "^prisma/", packages("@prisma/[^/]+")], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "frameworks-in-the-site",
      comment: "no framework outside app/ and lib/server",
      severity: "error",
      from: { path: "^(lib|prisma)/", pathNot: "^lib/server/" },
      to: { path: packages("next", "next-auth", "next-themes", "react", "react-dom", "@radix-ui/[^/]+") },
    },
    {
      name: "backends-in-runtime",
      comment: "backends of TensorFlow.js only in lib/runtime; the other rooms know tfjs-core alone",
      severity: "error",
      from: { path: "^(app|lib|prisma)/", pathNot: "^lib/runtime/" },
      to: { path: packages("@tensorflow/tfjs", "@tensorflow/tfjs-(backend-[^/]+|layers|converter|data|node)") },
    },
    {
      name: "browser-rooms",
      comment: "these rooms run in a browser too: no built-in module of Node",
      severity: "error",
      from: { path: "^lib/(dmbn|models|training|evaluation|leaderboard)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "nothing-imports-the-site",
      severity: "error",
      from: { path: "^(lib|prisma)/" },
      to: { path: "^app/" },
    },
    {
      name: "nothing-imports-tests",
      severity: "error",
      from: { path: "^(app|lib|prisma)/" },
      to: { path: "^tests/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: { path: "^(app|lib|prisma|tests)/", pathNot: "^prisma/generated/" },
      to: { circular: true },
    },
    {
      name: "resolves",
      comment: "an import that leads nowhere would escape every other rule",
      severity: "error",
      from: { path: "^(app|lib)/" },
      to: { couldNotResolve: true, path: "^[.@]/|^\\.\\./" },
    },
  ],
  options: {
    tsPreCompilationDeps: true, // an import of a type is an import
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: ["node_modules", "^prisma/generated/"] },
    exclude: { path: ["^\\.next/"] },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json", ".d.ts"],
    },
  },
};
