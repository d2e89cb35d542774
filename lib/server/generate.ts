/** `npm run generate`: makes the database client and the programs that score; a start does so too. */
import { makeDatabaseClient } from "./database/make-client";
import { makePrograms } from "./scoring/bundle";

await makeDatabaseClient();
await makePrograms();
