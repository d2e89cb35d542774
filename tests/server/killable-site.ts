/**
 * The part of the site that accepts and scores policies, as a separate process that a test may kill at any moment.
 * It reads `DATABASE` (JSON of `openDatabase`'s location), `FOLDER` (artifacts) and `TRAJECTORIES` from the environment
 * and prints its port.
 */
import { createServer } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { submit } from "@/app/api/v1/policies/submit";
import { folderStore } from "@/lib/server/artifacts";
import { openDatabase } from "@/lib/server/database/client";
import { trustSocketAddress } from "@/lib/server/limits/client-address";
import { startScorer } from "@/lib/server/scoring/scorer";
import { startWorker } from "@/lib/server/scoring/worker";

const { DATABASE, FOLDER, TRAJECTORIES, USER_ID } = process.env as Record<string, string>;
const opened = openDatabase(JSON.parse(DATABASE!));
Object.assign(globalThis, { dmbenchDatabase: opened }); // where endpoints look up limits
const { client: db } = opened;
const scorers = { prompt: startScorer(), background: [startScorer()] };
const worker = startWorker({
  db,
  store: folderStore(FOLDER!),
  scorers,
  folders: [TRAJECTORIES!],
  results: "nowhere",
  plan: async () => [],
  serving: () => false,
  share: 1,
  auditSeconds: 0,
  alone: true,
  always: true,
});
await worker.scan();

trustSocketAddress();
const endpoint = submit(() => ({
  db,
  scorer: scorers.prompt,
  wake: () => void worker.work("prompt"),
  patienceMs: 600_000,
}));
const server = createServer((incoming, outgoing) => {
  void (async () => {
    const body = Buffer.concat(await incoming.toArray());
    const request = new Request("http://site/api/v1/policies", {
      method: "POST",
      headers: incoming.headers as Record<string, string>,
      body,
    });
    const response = await endpoint.handle(request, {
      caller: { id: USER_ID!, name: "ada", role: "user", scopes: null },
      db,
    });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    Readable.fromWeb(response.body as ReadableStream).pipe(outgoing);
  })();
});
server.listen(0, () => process.stdout.write(`${(server.address() as { port: number }).port}\n`));
