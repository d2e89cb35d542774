/** Where Prisma's own commands find things; `DATABASE_URL` matters to them alone. */
import { defineConfig } from "prisma/config";

// `prisma generate` would download an engine that it does not use: any program stands in for it.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: "schema.prisma",
  migrations: { path: "migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://localhost:5432/dmbench" },
});
