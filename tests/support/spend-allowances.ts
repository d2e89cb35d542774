/**
 * A program for a site that is stopped: in its database every user, and every address that
 * has asked for anything limited, has used up what they may, for a day.
 */
import { configuredLocation, openDatabase } from "@/lib/server/database/client";

const { client, close } = openDatabase(configuredLocation());
await client.$executeRaw`INSERT INTO allowance (key, due) SELECT 'write/user/' || id, now() FROM "user" ON CONFLICT (key) DO NOTHING`;
await client.$executeRaw`UPDATE allowance SET due = now() + interval '1 day'`;
await close();
