/**
 * The settings that instances of a site need which `npm start` didn't start: a standalone server, a container, a
 * function. They share a database, files and secrets, so nothing of that may be made up by one of them.
 */
import "server-only";
import type { SettingName } from "./env";
import { isStartedByNpm, SettingsError, wrongSettings } from "./env";

/** What each setting is for, and how to set it. */
const needed: Partial<Record<SettingName, { expected: string; purpose: string }>> = {
  DATABASE_URL: {
    expected: "postgresql://user:password@host:port/database",
    purpose: "Every instance uses this PostgreSQL database; only npm start has an embedded one.",
  },
  DMBENCH_BUCKET: {
    expected: "https://endpoint/bucket of an S3 server",
    purpose: "Every instance stores and reads artifacts there; a folder of its own would hide them from the others.",
  },
  AWS_ACCESS_KEY_ID: {
    expected: "a key of the bucket",
    purpose: "It must be allowed to get and put objects, and to list the bucket.",
  },
  AWS_SECRET_ACCESS_KEY: {
    expected: "the secret of that key",
    purpose: "It signs requests to the bucket.",
  },
  NEXTAUTH_SECRET: {
    expected: "at least 16 characters",
    purpose: "It signs sessions, for every instance alike. openssl rand -base64 32 makes one.",
  },
  CRON_SECRET: {
    expected: "at least 16 characters",
    purpose: "Whoever calls for background work proves with it that it may. openssl rand -base64 32 makes one.",
  },
  DMBENCH_PROXIES: {
    expected: "a whole number from 0 to 10",
    purpose:
      "So many proxies are in front, which add the client's address to x-forwarded-for; limits count by it. " +
      "0 if clients connect directly, 1 behind one load balancer, at least 1 for functions.",
  },
};

/**
 * Checks the settings of an instance.
 * @throws SettingsError with each that is missing or wrong, what it is for and how to set it
 */
export function requireDeploymentSettings(source: NodeJS.ProcessEnv = process.env): void {
  if (isStartedByNpm(source)) return;
  const wrong = wrongSettings(source);
  const lines = Object.entries(needed).flatMap(([name, { expected, purpose }]) => {
    const line = wrong.get(name) ?? (source[name] ? null : `${name}: expected ${expected}, found nothing`);
    wrong.delete(name);
    return line ? [`${line}. ${purpose}`] : [];
  });
  if (lines.length === 0 && wrong.size === 0) return;
  throw new SettingsError(
    `This server was not started by npm start, so it needs settings that are missing or wrong (.env.example has all):\n` +
      [...lines, ...wrong.values()].join("\n"),
  );
}

/** Ends this process if it lacks a setting: it could answer no request as the other instances do. */
export function endWithoutSettings(): void {
  try {
    requireDeploymentSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(`\n${error.message}\n`);
    process.exit(1);
  }
}
