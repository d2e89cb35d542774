/** What a first start does with the database that `DATABASE` names (JSON), as a process that a test may kill. */
import { openDatabase } from "@/lib/server/database/client";
import { prepareDatabase } from "@/lib/server/prepare-database";

process.stdout.write("begun\n");
const opened = openDatabase(JSON.parse(process.env.DATABASE!));
await prepareDatabase(opened);
await opened.close();
process.exit(0); // PGlite keeps the process alive
