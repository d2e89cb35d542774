/**
 * Serves the build in `.next` as the `server.js` of a standalone build does (`output: "standalone"`, which containers
 * and functions run), on PORT.
 */
process.env.NODE_ENV = "production";
const { config } = require("../../.next/required-server-files.json");
process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify(config);
require("next");
const { startServer } = require("next/dist/server/lib/start-server");
startServer({
  dir: process.cwd(),
  isDev: false,
  config,
  hostname: "0.0.0.0",
  port: Number(process.env.PORT),
  allowRetry: false,
}).catch((error) => {
  console.error(error);
  process.exit(1);
});
