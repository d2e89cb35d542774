import { expect, it } from "vitest";
import { openDatabase } from "@/lib/server/database/client";
import { limitSessions } from "@/lib/server/database/time-limits";
import { findPostgres, startPostgres } from "../../support/postgres";

it.runIf(findPostgres() || process.env.CI === "true")(
  "limits the sessions that begin afterwards, and leaves what somebody else has decided",
  async () => {
    const { url, stop } = await startPostgres();
    const shown = async () => {
      const { client, close } = openDatabase({ url, connections: 1 });
      const names = ["idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"];
      const values: unknown[] = [];
      for (const name of names) {
        const [row] = await client.$queryRawUnsafe<Record<string, string>[]>(`SHOW ${name}`);
        values.push(row![name]);
      }
      return { values, client, close };
    };
    const first = await shown();
    expect(first.values).toEqual(["0", "0", "0"]);
    await first.client.$executeRawUnsafe("ALTER ROLE CURRENT_USER IN DATABASE postgres SET lock_timeout = '7s'");
    await limitSessions(first.client);
    await limitSessions(first.client);
    await first.close();
    const second = await shown();
    expect(second.values).toEqual(["30s", "7s", "10min"]);
    await second.close();
    stop();
  },
);
