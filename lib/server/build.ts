/** `npm run build`: builds the site without starting it. */
import { spawnSync } from "node:child_process";
import { buildSite, standaloneFolder } from "./site-build";

await buildSite(async (command) => {
  const { status } = spawnSync(process.execPath, command, { stdio: "inherit" });
  if (status !== 0) process.exit(1);
});
console.log(`npm start serves it; ${standaloneFolder} runs on its own.`);
