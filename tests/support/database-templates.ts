/**
 * The folder of the databases that tests copy, from when a test run starts until it ends: it is named in the environment
 * of the processes that run the tests.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const variable = "DMBENCH_TEST_TEMPLATES";

export const templatesFolder = (): string => process.env[variable]!;

export function setup(): (() => void) | undefined {
  if (process.env[variable]) return; // each project of one run calls this
  const folder = mkdtempSync(join(tmpdir(), "dmbench-templates-"));
  process.env[variable] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
