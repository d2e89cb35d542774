/** Makes the database client, which Prisma generates from the schema. */
import { spawn } from "node:child_process";
import { once as event } from "node:events";
import { once } from "../once";

/** Runs a command of Node to its end. @throws Error if it fails */
async function run([program, ...options]: readonly [string, ...string[]]): Promise<void> {
  const child = spawn(process.execPath, [program, ...options], { stdio: ["ignore", "inherit", "inherit"] });
  const [status] = await event(child, "exit");
  if (status !== 0) throw new Error(`${program} failed; see above.`);
}

/**
 * Makes the client unless it is made already from this schema.
 * @param runStep runs a command of Node
 */
export const makeDatabaseClient = (
  runStep: (command: readonly [string, ...string[]]) => Promise<void> = run,
): Promise<void> =>
  once("Making the database client", "prisma/generated/.made-from", ["prisma/schema.prisma", "package-lock.json"], () =>
    runStep(["node_modules/prisma/build/index.js", "generate", "--config", "prisma/prisma.config.ts", "--no-hints"]),
  );
