/** Settings of Prisma's own commands; only they read `DATABASE_URL` from here. */
import { defineConfig } from "prisma/config";

// `prisma generate` would download an engine that it does not use; naming any program prevents that.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: "schema.prisma",
  migrations: { path: "migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://localhost:5432/dmbench" },
});
