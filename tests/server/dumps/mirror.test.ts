/** Dumps over HTTP, from a real server: what is fetched, what is refused, and what a mirror makes of it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { readBoardView } from "@/lib/leaderboard";
import type { Table } from "@/lib/server/backup/rows";
import { fill, withSnapshot } from "@/lib/server/backup/rows";
import { boardPage } from "@/lib/server/boards/read";
import type { OpenDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { dump } from "@/lib/server/dumps/dump";
import { withFetchedDump } from "@/lib/server/dumps/fetch";
import { follow } from "@/lib/server/dumps/follow";
import { importDump } from "@/lib/server/dumps/import";
import type { Manifest } from "@/lib/server/dumps/manifest";
import { aBoard } from "../a-board";
import { emptyDatabases, onEmbeddedDatabase } from "../databases";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const root = mkdtempSync(join(tmpdir(), "dmbench-mirror-"));
afterAll(() => rmSync(root, { recursive: true }));

/** With the tables of this version. */
async function current(opened: OpenDatabase): Promise<OpenDatabase> {
  await migrate(opened);
  return opened;
}

onEmbeddedDatabase("a dump over HTTP", (installation) => {
  let site: string;
  let stop: () => void;
  let manifest: Manifest;
  /** Dumps by date, the newest first: folders. */
  const dumps: Record<string, string> = {};
  let written = 0;
  /** What the site answers otherwise; true if it did. */
  let otherwise: (path: string, response: ServerResponse) => boolean = () => false;

  const writeDump = async (date: string): Promise<void> => {
    dumps[date] = join(root, String(++written));
    manifest = await dump(installation().db, dumps[date]);
  };

  const answer = ({ url = "" }: IncomingMessage, response: ServerResponse): void => {
    if (otherwise(url, response)) return;
    const newestFirst = Object.keys(dumps).sort().reverse();
    if (url === "/api/v1/dumps") {
      const list = newestFirst.map((date) => ({ date, manifest: `/api/v1/dumps/${date}/manifest.json` }));
      response.end(JSON.stringify({ dumps: list }));
      return;
    }
    const [, date = "", file = ""] = /^\/api\/v1\/dumps\/([^/]+)\/([^/]+)$/.exec(url) ?? [];
    if (dumps[date]) response.end(readFileSync(join(dumps[date], file)));
    else response.writeHead(404).end("{}");
  };

  beforeAll(async () => {
    await aBoard(installation().db, { benchmark: "mnist-mlp", division: "open", methods: 5, authors: ["ada"] });
    await aBoard(installation().db, { benchmark: "mnist-mlp", division: "closed", methods: 5, authors: ["ada"] });
    await writeDump("2026-11-26");
    const server = createServer(answer).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    stop = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  afterAll(() => stop());

  /** What is wrong with a dump; nothing is given to whoever would store it. */
  const refusal = async (address: string, answers: typeof otherwise = () => false): Promise<string> => {
    otherwise = answers;
    const use = vi.fn();
    try {
      await withFetchedDump(address, use);
      return "nothing";
    } catch (error) {
      return (error as Error).message;
    } finally {
      otherwise = () => false;
      expect(use).not.toHaveBeenCalled();
    }
  };

  it("is fetched by the address of a site, of the dump, and of its manifest", async () => {
    const dumpAddress = `${site}/api/v1/dumps/2026-11-26`;
    for (const address of [site, `${site}/`, dumpAddress, `${dumpAddress}/`, `${dumpAddress}/manifest.json`]) {
      const fetched = await withFetchedDump(address, async (folder) =>
        manifest.tables.map(({ name }) => readFileSync(join(folder, `${name}.parquet`)).length),
      );
      expect(fetched, address).toEqual(manifest.tables.map(({ bytes }) => bytes));
    }
  });

  it("is fetched over connections that the server closes as they are used", async () => {
    const asked = new Set<string>();
    otherwise = (path, to) => {
      if (asked.has(path)) return false;
      asked.add(path);
      to.destroy();
      return true;
    };
    const tables = await withFetchedDump(site, async () => manifest.tables.length).finally(() => {
      otherwise = () => false;
    });
    expect(asked.size).toBe(tables + 2); // the list, and the manifest
  });

  it("is refused in one sentence if anything of it is not what its manifest says", async () => {
    const run = manifest.tables.find(({ name }) => name === "policy")!;
    const file = readFileSync(join(dumps["2026-11-26"]!, "policy.parquet"));
    const changed = Buffer.from(file);
    changed[file.length >> 1]! ^= 1;
    const sends = (ending: string, send: (response: ServerResponse) => void) => (path: string, to: ServerResponse) => {
      if (path.endsWith(ending)) send(to);
      return path.endsWith(ending);
    };
    const policies = (send: (response: ServerResponse) => void) => refusal(site, sends("/policy.parquet", send));
    expect(await policies((to) => to.end(changed))).toContain(`expected ${run.bytes} bytes of SHA-256 ${run.sha256}`);
    expect(await policies((to) => to.end(Buffer.concat([file, file])))).toContain(
      `policy.parquet: expected at most ${run.bytes} bytes, found more`,
    );
    expect(await policies((to) => to.end(file.subarray(1)))).toContain("expected");
    expect(await policies((to) => to.writeHead(404).end())).toContain("found an answer of status 404");
    expect(
      await policies((to) => {
        to.writeHead(200, { "content-length": file.length });
        to.write(file.subarray(0, 100), () => to.destroy());
      }),
    ).toMatch(/policy\.parquet can't be fetched \(.+\)\. Nothing was stored; try again\./);
    const page = "<!DOCTYPE html><title>A site</title>";
    expect(
      await refusal(
        site,
        sends("/dumps", (to) => to.end(page)),
      ),
    ).toContain("expected a list of dumps as JSON");
    expect(
      await refusal(
        site,
        sends("/manifest.json", (to) => to.end(page)),
      ),
    ).toContain("expected the manifest of a dump as JSON");
    const huge = JSON.stringify({ ...manifest, software: "x".repeat(2_000_000) });
    expect(
      await refusal(
        site,
        sends("/manifest.json", (to) => to.end(huge)),
      ),
    ).toContain("manifest.json: expected at most 1000000 bytes, found more");
    const larger = manifest.tables.map((table) => ({ ...table, bytes: 1e15 }));
    const claimed = JSON.stringify({ ...manifest, tables: larger });
    expect(
      await refusal(
        site,
        sends("/manifest.json", (to) => to.end(claimed)),
      ),
    ).toMatch(/The dump has [\d,]+ MB, and the disk/);
    expect(
      await refusal(
        site,
        sends("/dumps", (to) => to.end('{"dumps":[]}')),
      ),
    ).toContain("has no dump");
    expect(await refusal("http://127.0.0.1:65535")).toContain("can't be fetched (ECONNREFUSED)");
    expect(await refusal("http://")).toContain("Expected an address");
  });

  it.each(emptyDatabases)("is followed by a mirror on $name, which shows the newest", async ({ open }) => {
    const { opened, close } = await open();
    try {
      const { db } = installation();
      const board = (client: typeof db, division: string) =>
        boardPage("mnist-mlp", readBoardView({ division }), {}, client);
      await importDump(dumps["2026-11-26"]!, () => current(opened));
      expect(await follow(site, opened)).toBeNull(); // that one is here
      const before = await board(opened.client, "closed");

      await db.logEntry.create({ data: { action: "a", subject: "s", subjectId: "i", detail: {} } });
      const last = await db.boardRow.findFirstOrThrow({ where: { division: "closed" }, orderBy: { id: "desc" } });
      await db.boardRow.update({ where: { id: last.id }, data: { accuracyMean: 0.123 } });
      await writeDump("2026-11-27");

      const changed = Buffer.from(readFileSync(join(dumps["2026-11-27"]!, "policy.parquet")));
      changed[100]! ^= 1;
      otherwise = (path, response) => {
        if (path.endsWith("/policy.parquet")) response.end(changed);
        return path.endsWith("/policy.parquet");
      };
      await expect(follow(site, opened)).rejects.toThrow("policy.parquet: expected");
      expect(await board(opened.client, "closed")).toEqual(before);
      otherwise = () => false;

      const followed = await follow(site, opened);
      expect(followed?.toISOString()).toBe(manifest.createdAt);
      expect(await opened.client.logEntry.count()).toBe(await db.logEntry.count());
      // Its pages are not those that were cached before.
      const after = await board(opened.client, "closed");
      expect(JSON.stringify(after)).toContain("0.123");
      expect(JSON.stringify(before)).not.toContain("0.123");
      expect(await follow(site, opened)).toBeNull();
    } finally {
      otherwise = () => false;
      delete dumps["2026-11-27"];
      await close();
    }
  });

  it("is not followed by a site that has accounts of its own", async () => {
    const { opened, close } = await emptyDatabases[0]!.open();
    try {
      await current(opened);
      await opened.client.user.create({ data: { name: "ada", email: "ada@example.org" } });
      await expect(follow(site, opened)).rejects.toThrow("DMBENCH_MIRROR_OF: this database has accounts of its own");
      expect(await opened.client.user.findFirst()).toMatchObject({ name: "ada", email: "ada@example.org" });
    } finally {
      await close();
    }
  });

  it.skipIf(emptyDatabases.length < 2)(
    "can be read on PostgreSQL until all rows of the next one have come",
    async () => {
      const { opened, close } = await emptyDatabases[1]!.open();
      try {
        await current(opened);
        await importDump(dumps["2026-11-26"]!, async () => opened);
        const { db } = installation();
        const policy = await db.policy.findFirstOrThrow({ where: { slug: "generated-open-1" } });
        await db.policy.update({ where: { id: policy.id }, data: { description: "Changed." } });
        const read = async () =>
          (await opened.client.policy.findUniqueOrThrow({ where: { id: policy.id } })).description;
        const seen: string[] = [];
        await withSnapshot({ client: db }, async ({ tables, rows }) => {
          const watched = async function* (table: Table) {
            yield* rows(table);
            seen.push(await read()); // would wait for the end, which waits for it, if the tables were locked
          };
          await fill(opened, { tables, rows: watched }, { replace: true, staged: true });
          expect(seen).toEqual(tables.map(() => policy.description));
        });
        expect(await read()).toBe("Changed.");
      } finally {
        await close();
      }
    },
  );
});
