/** Where Prisma's own commands find things; `DATABASE_URL` matters to them alone. */
import { defineConfig } from "prisma/config";

// `prisma generate` would fetch a schema engine that it does not use: naming any program spares it the network.
if (process.argv.includes("generate")) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: "schema.prisma",
  migrations: { path: "migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://localhost:5432/dmbench" },
});
