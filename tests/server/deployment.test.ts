import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { settings } from "@/app/docs/running/settings";
import { lockOwnerVariable } from "@/lib/server/database/lock";
import { requireDeploymentSettings } from "@/lib/server/deployment";
import { parseEnv, settingNames } from "@/lib/server/env";

const complete = {
  NODE_ENV: "production",
  DATABASE_URL: "postgresql://dmbench@db/dmbench",
  DMBENCH_BUCKET: "https://s3.example/dmbench",
  AWS_ACCESS_KEY_ID: "a-key",
  AWS_SECRET_ACCESS_KEY: "its-secret",
  NEXTAUTH_SECRET: "a secret of some length",
  CRON_SECRET: "another of some length",
  DMBENCH_PROXIES: "0",
} as const;

/** What the message says of each setting. */
function asked(source: NodeJS.ProcessEnv): string[] {
  try {
    requireDeploymentSettings(source);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n").slice(1);
  }
}

describe("a server that npm start didn't start", () => {
  it("asks at once for every setting that it lacks, with what it is for and how to set it", () => {
    const lines = asked({ NODE_ENV: "production" });
    expect(lines.map((line) => line.split(":")[0])).toEqual(
      Object.keys(complete).filter((name) => name !== "NODE_ENV"),
    );
    for (const line of lines) expect(line).toMatch(/^[A-Z_]+: expected .+, found nothing\. .+\.$/);
    expect(asked(complete)).toEqual([]);
  });

  it("names in the same message what is wrong, and shows no secret", () => {
    const lines = asked({ ...complete, CRON_SECRET: "hidden", DMBENCH_PROXIES: "", DMBENCH_RECORD_SHARE: "2" });
    expect(lines).toEqual([
      expect.stringMatching(/^CRON_SECRET: expected at least 16 characters, found 6 characters\. /),
      expect.stringMatching(/^DMBENCH_PROXIES: expected .+, found nothing\. /),
      expect.stringMatching(/^DMBENCH_RECORD_SHARE: expected .+, found "2"$/),
    ]);
    expect(lines.join()).not.toContain("hidden");
  });

  it("is any server whose environment doesn't say otherwise", () => {
    expect(asked({ NODE_ENV: "production", [lockOwnerVariable]: "1" })).toEqual([]);
  });
});

describe("the lists of settings", () => {
  const read = (file: string) => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");
  const all = ["PORT", ...settingNames].sort(); // the port is the start's own

  it("of /docs/running has each once", () => {
    expect(settings.flatMap(({ names }) => names).sort()).toEqual(all);
  });

  it("of .env.example has each once, with a value that is accepted", () => {
    const given = [...read(".env.example").matchAll(/^#([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [
      name,
      value,
    ]);
    expect(given.map(([name]) => name).sort()).toEqual(all);
    expect(() => parseEnv({ NODE_ENV: "test", ...Object.fromEntries(given) })).not.toThrow();
  });

  it("of the README has each once", () => {
    const table = read("README.md").split("## Settings")[1]!.split("## ")[0]!;
    const named = table
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .flatMap((line) => line.match(/`([A-Z][A-Z_]+)`/g) ?? []);
    expect(named.map((name) => name.slice(1, -1)).sort()).toEqual(all);
    expect(existsSync(".env.example")).toBe(true);
  });
});
