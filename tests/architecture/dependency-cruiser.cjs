/**
 * Who may import whom, for dependency-cruiser (`npm run check:boundaries`).
 * boundaries.test.ts shows that each rule fails when it is broken.
 */

/** What each room of lib/ may import besides itself. A path names a part of a room. */
const mayImport = {
  charts: [],
  random: [],
  dmbn: [],
  records: ["dmbn"], // types only: see `records-types`
  datasets: ["random", "records"],
  evaluation: ["random", "records"],
  // Its kernels register under the names that these two declare.
  runtime: ["records", "(dmbn|training)/kernels\\.ts$"],
  models: ["dmbn", "random", "records"],
  training: ["dmbn", "models", "datasets", "evaluation", "records"],
  leaderboard: ["dmbn", "evaluation", "records"],
  server: ["dmbn", "datasets", "evaluation", "runtime", "models", "training", "leaderboard", "records"],
  cli: ["charts", "dmbn", "datasets", "evaluation", "runtime", "models", "training", "leaderboard", "records"],
};

/** The rooms that are imported through their `index.ts`, and their other entry points. */
const doors = {
  dmbn: {
    others: ["policy/index", "policy/export/index", "kernels"],
    why: "a page that shows a policy loads no tensor, and a backend only the names of kernels",
  },
  records: { others: [] },
  training: { others: ["kernels"], why: "a backend loads only the names of kernels" },
  leaderboard: { others: [] },
};

/** Packages, by resolved path, or by name if they are not installed. */
const packages = (...names) => `(^|node_modules/)(${names.join("|")})(/|$)`;

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([room, others]) => ({
      name: `room-${room}`,
      comment: `lib/${room} may import ${others.join(", ") || "no other room"}`,
      severity: "error",
      from: { path: `^lib/${room}/` },
      to: { path: "^lib/", pathNot: [room, ...others].map((path) => `^lib/${path}${path.endsWith("$") ? "" : "/"}`) },
    })),
    ...Object.entries(doors).map(([room, { others, why }]) => ({
      name: `front-door-${room}`,
      comment: [
        `lib/${room} is imported through its index.ts`,
        ...(why ? [`or ${others.map((door) => `${door}.ts`).join(", ")}: ${why}`] : []),
      ].join(", "),
      severity: "error",
      from: { path: "^(app|lib|prisma)/", pathNot: `^lib/${room}/` },
      to: { path: `^lib/${room}/`, pathNot: `^lib/${room}/(${["index", ...others].join("|")})\\.ts$` },
    })),
    {
      name: "records-types",
      comment: "lib/records is used where nothing computes: it imports only types of dmbn",
      severity: "error",
      from: { path: "^lib/records/" },
      to: { path: "^lib/dmbn/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "api-apart-from-pages",
      comment: "a route of app/api imports no page",
      severity: "error",
      from: { path: "^app/api/" },
      to: { path: "^app/", pathNot: "^app/(api|_components)/" },
    },
    {
      name: "pages-apart",
      comment: "a page imports no other page: shared code is in app/_components or in lib",
      severity: "error",
      from: { path: "^app/((?!api/)[^_/]+)/" },
      to: { path: "^app/[^_/]+/", pathNot: "^app/($1|api)/" },
    },
    {
      name: "components-apart-from-server",
      comment: "a component gets its data as props: it imports neither lib/server nor the database, except types",
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
      comment: "backends of TensorFlow.js only in lib/runtime; the other rooms use only tfjs-core",
      severity: "error",
      from: { path: "^(app|lib|prisma)/", pathNot: "^lib/runtime/" },
      to: { path: packages("@tensorflow/tfjs", "@tensorflow/tfjs-(backend-[^/]+|layers|converter|data|node)") },
    },
    {
      name: "browser-rooms",
      comment: "these rooms run in a browser too: no built-in module of Node, except where the package is built",
      severity: "error",
      from: {
        path: "^lib/(charts|dmbn|random|records|models|training|evaluation|leaderboard)/",
        pathNot: "^lib/dmbn/build\\.ts$",
      },
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
      comment: "an unresolved import would escape every other rule",
      severity: "error",
      from: { path: "^(app|lib)/" },
      to: { couldNotResolve: true, path: "^[.@]/|^\\.\\./" },
    },
  ],
  options: {
    tsPreCompilationDeps: true, // type imports count
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: ["node_modules", "^prisma/generated/"] },
    exclude: { path: ["^\\.next/", "^lib/dmbn/dist/"] },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json", ".d.ts"],
    },
  },
};
