/**
 * The programs that compute for the site, as `npm run build` makes them: a bundle each, so that they need neither a
 * TypeScript loader nor the installed packages.
 */
import "server-only";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as Computer from "./computer";

/** The folder of the bundles, and of the files of the WASM backend. */
export const programFolder = path.resolve(/* turbopackIgnore: true */ "lib/server/scoring/dist");

/** The program of a scoring process. */
export const processProgram = path.join(/* turbopackIgnore: true */ programFolder, "process.mjs");

/** The computer for this process. */
export const loadComputer = (): Promise<typeof Computer> =>
  import(
    /* turbopackIgnore: true */ pathToFileURL(path.join(/* turbopackIgnore: true */ programFolder, "computer.mjs")).href
  );
