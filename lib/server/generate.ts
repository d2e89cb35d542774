/** `npm run generate`: makes the database client and the programs that score; a start does so too. */

import { makePrograms } from "./bundle";
import { makeDatabaseClient } from "./database/make-client";

await makeDatabaseClient();
await makePrograms();
