/**
 * The programs beside the site, as `npm run build` makes them: bundles, so that they need neither a TypeScript loader
 * nor, but for the embedded database, the installed packages.
 */
import "server-only";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as Computer from "./scoring/computer";

/** The folder of the bundles, and of the files of the WASM backend. */
export const programFolder = path.resolve(/* turbopackIgnore: true */ "lib/server/dist");

const program = (name: string): string => path.join(/* turbopackIgnore: true */ programFolder, `${name}.mjs`);

/** The program of a scoring process. */
export const processProgram = program("process");

/** The computer for this process. */
export const loadComputer = (): Promise<typeof Computer> =>
  import(/* turbopackIgnore: true */ pathToFileURL(program("computer")).href);
