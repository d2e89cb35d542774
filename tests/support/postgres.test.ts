import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findPostgres, startPostgres } from "./postgres";

it.skipIf(!findPostgres() && process.env.CI !== "true")(
  "starts an empty server and leaves nothing behind",
  async () => {
    const server = await startPostgres();
    const ask = (): string =>
      execFileSync(
        join(findPostgres()!, "psql"),
        [server.url, "--tuples-only", "--command", "select count(*) from pg_tables where schemaname = 'public'"],
        { encoding: "utf8", stdio: "pipe" },
      );
    expect(ask().trim()).toBe("0");
    server.stop();
    expect(ask).toThrow(/Connection refused/);
  },
);
