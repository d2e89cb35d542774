/**
 * Exhausts the rate limits of a stopped site for a day: of every user, and of every address that has made a limited
 * request.
 */
import { configuredLocation, openDatabase } from "@/lib/server/database/client";

const { client, close } = openDatabase(configuredLocation());
await client.$executeRaw`
  INSERT INTO allowance (key, due) SELECT 'write/user/' || id, now() FROM "user" ON CONFLICT (key) DO NOTHING`;
await client.$executeRaw`UPDATE allowance SET due = now() + interval '1 day'`;
await close();
