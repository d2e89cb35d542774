/**
 * The settings of this installation, read into the environment as Next does for the site: what the environment has
 * stays, then `.env.local`, then `.env`. Imported before anything that reads a setting.
 */
import nextEnv from "@next/env";

const log = { info: () => {}, error: (message: string) => process.stderr.write(`${message}\n`) };
nextEnv.loadEnvConfig(process.cwd(), false, log);
