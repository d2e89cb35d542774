/** Where Prisma's own commands find things; `DATABASE_URL` matters to them alone. */
import { defineConfig } from "prisma/config";

export default defineConfig({
  schema: "schema.prisma",
  migrations: { path: "migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://localhost:5432/dmbench" },
});
