/** What a first start does with the database that `DATABASE` names (JSON), as a process that a test may kill. */
import { openDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { seed } from "@/lib/server/database/seed";

process.stdout.write("begun\n");
const opened = openDatabase(JSON.parse(process.env.DATABASE!));
await migrate(opened);
await seed(opened.client);
await opened.close();
process.exit(0); // PGlite keeps the process alive
