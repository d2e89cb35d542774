/**
 * Settings from the environment, parsed once. None is needed: without any, the
 * site keeps its state in `.data/` on an embedded database.
 */
import "server-only";
import path from "node:path";
import { z } from "zod";

const setting = z.string().trim().min(1).optional();

const envSchema = z.object({
  /** `postgresql://…`; absent: the embedded database in `DMBENCH_DATA_DIR/db`. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "expected postgresql://user:password@host:port/database")
    .optional(),
  /** Folder of everything this installation keeps. */
  DMBENCH_DATA_DIR: z.string().trim().min(1).default(".data"),
  /** Folder with data sets as published, one folder for each. */
  DMBENCH_DATASETS_DIR: setting,
  /** Signs sessions; absent: drawn once and kept in the data folder. */
  NEXTAUTH_SECRET: z.string().min(16, "expected at least 16 characters").optional(),
  /** Public address; absent: whatever host the request names. */
  NEXTAUTH_URL: z.url().optional(),
  /** Names of the accounts that are maintainers, with commas; read at each start. */
  DMBENCH_MAINTAINERS: z
    .string()
    .transform((names) =>
      names
        .split(",")
        .map((name) => name.trim().toLowerCase())
        .filter(Boolean),
    )
    .optional(),
  /** Reverse proxies in front of the site, whose `x-forwarded-for` is believed. */
  DMBENCH_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  GITHUB_CLIENT_ID: setting,
  GITHUB_CLIENT_SECRET: setting,
  GOOGLE_CLIENT_ID: setting,
  GOOGLE_CLIENT_SECRET: setting,
  /** Any OpenID Connect provider: its issuer's address. */
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: setting,
  OIDC_CLIENT_SECRET: setting,
  /** What its button says. */
  OIDC_NAME: z.string().trim().min(1).default("Single sign-on"),
});

export type Env = z.infer<typeof envSchema>;

/**
 * The settings in `source`; an empty string counts as absent.
 * @throws Error naming each wrong setting, what was expected and what was found
 */
export function parseEnv(source: NodeJS.ProcessEnv): Env {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = envSchema.safeParse(present);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `${issue.path.join(".")}: ${issue.message}, found ${JSON.stringify(present[String(issue.path[0])])}`,
  );
  throw new Error(`These settings are wrong:\n${lines.join("\n")}`);
}

let parsed: Env | undefined;

/** The settings of this process. */
export const env = (): Env => (parsed ??= parseEnv(process.env));

/** A path inside the data folder. */
export const dataPath = (...parts: string[]): string =>
  path.resolve(/* turbopackIgnore: true */ env().DMBENCH_DATA_DIR, ...parts);
