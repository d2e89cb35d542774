/**
 * Does what `dmbench backup`, `restore`, `dump`, `import`, `move`, `reset-password`, `retire` and `snapshot` ask, in a process of its own: the
 * command's can't load the server's modules. Takes one request as a message, sends progress, and at last the outcome.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import type { OpenDatabase } from "./database/client";

const requestSchema = z.discriminatedUnion("operation", [
  z.strictObject({ operation: z.literal("backup"), folder: z.string() }),
  z.strictObject({ operation: z.literal("restore"), folder: z.string(), replace: z.boolean() }),
  z.strictObject({ operation: z.literal("dump"), folder: z.string() }),
  z.strictObject({ operation: z.literal("import"), from: z.string(), replace: z.boolean() }),
  z.strictObject({ operation: z.literal("move"), url: z.string() }),
  z.strictObject({ operation: z.literal("reset-password"), name: z.string(), password: z.string() }),
  z.strictObject({ operation: z.literal("retire"), benchmark: z.string(), numbers: z.array(z.int()).nullable() }),
  z.strictObject({
    operation: z.literal("snapshot"),
    benchmark: z.string(),
    methods: z.int(),
    runs: z.int(),
    file: z.string(),
  }),
]);

type Request = z.infer<typeof requestSchema>;

// Leaving by `exit` removes what is half done.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
process.once("disconnect", () => process.exit(1));

process.once("message", async (message) => {
  const outcome = await operate(requestSchema.parse(message)).then((done) => ({ done }), failure);
  process.send!(outcome, () => process.exit(0));
});

async function operate(request: Request): Promise<string> {
  // Imported here because `npm start` generates the client.
  if (!existsSync("prisma/generated")) throw new Error("This copy of DMBench was never started. Run npm start once.");
  const [{ configuredLocation }, { dataPath }, { artifacts, siteBucket }, { backup }, { move, restore }] =
    await Promise.all([
      import("./database/client"),
      import("./env"),
      import("./artifacts"),
      import("./backup/backup"),
      import("./backup/restore"),
    ]);
  const place = { database: configuredLocation(), dataFolder: dataPath(), bucket: siteBucket() && artifacts() };
  const report = {
    onRows: (table: string, rows: number) => rows % 1000 === 0 && progress(`${table}: ${counted(rows, "row")}`),
    onFiles: (files: number, of: number) => progress(`files: ${files} of ${of}`),
    onWarning: (warning: string) => process.send!({ warning }),
  };
  switch (request.operation) {
    case "backup": {
      const { tables, files } = await backup(place, request.folder, report);
      return `Backed up ${contents(tables, files)} to ${request.folder}.`;
    }
    case "restore": {
      const { tables, files } = await restore(request.folder, place, { ...report, replace: request.replace });
      return `Restored ${contents(tables, files)}, each compared with its SHA-256. npm start serves them.`;
    }
    case "dump": {
      const [{ withCurrentDatabase }, { dump }] = await Promise.all([
        import("./backup/with-current-database"),
        import("./dumps/dump"),
      ]);
      const { tables, log } = await withCurrentDatabase(place.database, "dump", (db) =>
        dump(db, request.folder, report),
      );
      return `Dumped ${contents(tables, tables)} to ${request.folder}. Merkle root of the log: ${log.root}.`;
    }
    case "import": {
      const [{ openUnused }, { migrate }, { importDump }, { withFetchedDump }] = await Promise.all([
        import("./backup/backup"),
        import("./database/migrate"),
        import("./dumps/import"),
        import("./dumps/fetch"),
      ]);
      const { from, replace } = request;
      let target: OpenDatabase | undefined;
      const open = async () => {
        target = openUnused(place.database, "import");
        await migrate(target);
        return target;
      };
      const importFrom = (folder: string) =>
        importDump(folder, open, { ...report, replace }).finally(() => target?.close());
      const { tables, createdAt } = await (/^https?:/.test(from)
        ? withFetchedDump(from, importFrom, { onFile: report.onFiles })
        : importFrom(from));
      return (
        `Imported ${contents(tables)} of ${createdAt}, each file compared with its SHA-256. DMBENCH_SCORING=none npm ` +
        "start serves them, and leaves the Closed boards as they were published."
      );
    }
    case "move": {
      const tables = await move(place, request.url, report);
      return (
        `Moved ${contents([...tables.values()])}. Set DATABASE_URL to that server, in .env.local for example, and ` +
        `start the site; its files stay in ${place.dataFolder}. The embedded database is left as it was.`
      );
    }
    case "reset-password": {
      const { resetPassword } = await import("./people/reset-password");
      await resetPassword(request.name, request.password, place.database);
      return `${request.name} has the new password, and all its sessions have ended.`;
    }
    case "retire": {
      const [{ withCurrentDatabase }, { retireRuns }] = await Promise.all([
        import("./backup/with-current-database"),
        import("./scoring/retire"),
      ]);
      const numbers = await withCurrentDatabase(place.database, "retire runs", (db) => retireRuns(request, db));
      return (
        `Retired ${counted(numbers.length, "held-out run")} of ${request.benchmark}: ${numbers.join(", ")}. The log ` +
        "shows seeds, hashes and keys; the site records others in their place."
      );
    }
    case "snapshot": {
      const { snapshot } = await import("./boards/snapshot");
      return snapshot(request, place.database, progress);
    }
  }
}

const contents = (tables: readonly { rows: number }[], files?: readonly { bytes: number }[]): string => {
  const rows = `${counted(sum(tables.map((table) => table.rows)), "row")} of ${counted(tables.length, "table")}`;
  if (!files) return rows;
  const megabytes = (sum(files.map(({ bytes }) => bytes)) / 1e6).toFixed(1);
  return `${rows} and ${counted(files.length, "file")} (${megabytes} MB)`;
};

const counted = (count: number, what: string): string =>
  `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const progress = (line: string): unknown => process.send!({ progress: line });

/** What went wrong; an error of the file system or the network with its code, which the command puts into words. */
function failure(error: unknown): { failure: string; code?: string | undefined; path?: string | undefined } {
  const { name, message, code, path } = error as NodeJS.ErrnoException;
  if (name.startsWith("PrismaClient") || name === "DriverAdapterError")
    return { failure: `The database can't be used: ${message.trim().split("\n").at(-1)} Check DATABASE_URL.` };
  return { failure: message, code, path };
}
