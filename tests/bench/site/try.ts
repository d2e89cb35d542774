import { openDatabase } from "@/lib/server/db";
import { migrate } from "@/lib/server/migrate";
import { seed } from "@/lib/server/seed";
import { boardPage } from "@/lib/server/queries/board-page";
import { readBoardView } from "@/lib/leaderboard";
import { listBenchmarks } from "@/lib/server/queries/benchmarks";
import { recentRuns } from "@/lib/server/queries/runs";
import { policyPage, listPolicies } from "@/lib/server/queries/policies";
import { digits } from "../../support/digits";
import { startPostgres } from "../../support/postgres";
import { fill } from "./fill";
const pg = await startPostgres(); const o = openDatabase({ url: pg.url });
try {
const { info, hash, subset, test } = await digits();
const dataset = { slug: info.slug, version: info.version, subset, hash, classes: info.classes.length, testLabels: test.labels };
await migrate(o); await seed(o.client);
const n = Number(process.argv[2]);
const t = performance.now();
await fill(o.client, { runs: n, policies: n / 10, users: n / 20 }, dataset);
console.log("fill", (performance.now() - t) / 1000);
for (const [name, f] of Object.entries({ closed: () => boardPage("digits-mlp", readBoardView({}), {}, o.client), open: () => boardPage("digits-mlp", readBoardView({ division: "open" }), {}, o.client), benchmarks: () => listBenchmarks(o.client), runs: () => recentRuns({}, o.client), byUser: () => recentRuns({ user: "person-7" }, o.client), policies: () => policyPage({ take: 20 }, o.client), all: () => listPolicies(o.client) })) {
  for (let i = 0; i < 3; i++) { const t = performance.now(); const r = await f(); if (i === 2) console.log(name, (performance.now() - t).toFixed(1), Array.isArray(r) ? r.length : (r as { of?: number }).of); }
}
} finally { await o.close(); pg.stop(); }
process.exit(0);
