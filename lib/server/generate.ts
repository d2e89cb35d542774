/** `npm run generate`: makes the database client; a start and a release do so too. */
import { makeDatabaseClient } from "./database/make-client";

await makeDatabaseClient();
