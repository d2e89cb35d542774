/** `npm run db:migration -- what_changes`: writes a migration from a change of the schema. */
import { createMigration } from "./database/migrate";

const name = process.argv[2];
if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error("Name the migration in snake_case: npm run db:migration -- add_run_device");
  process.exit(2);
}
const folder = await createMigration(name);
console.log(folder ? `Wrote ${folder}. Read it, then restart.` : "The schema has not changed.");
process.exit(0); // PGlite keeps the process alive
