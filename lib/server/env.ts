/**
 * Settings from the environment, parsed once. `npm start` requires none: by default the site stores everything in
 * `.data/`, with an embedded database. What other ways to run it require is in `deployment.ts`.
 */
import "server-only";
import path from "node:path";
import { z } from "zod";
import { benchmarks } from "@/lib/leaderboard";
import { wholeNumberSchema } from "@/lib/records";
import type { BucketSettings } from "./bucket";
import { lockOwnerVariable } from "./database/lock";

const setting = z.string().trim().min(1).optional();

const slugs = benchmarks.map(({ slug }) => slug);

const recordExpected = `all, embedded, none, or benchmarks such as ${slugs.slice(0, 2).join(",")} (of ${slugs.join(", ")})`;

const bucketExpected = "an address such as https://s3.eu-central-1.amazonaws.com/bucket, without keys";

const envSchema = z.object({
  /** `postgresql://…`. Default: the embedded database in `DMBENCH_DATA_DIR/db`. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "postgresql://user:password@host:port/database")
    .optional(),
  /** Folder of everything that this installation stores. */
  DMBENCH_DATA_DIR: z.string().trim().min(1).default(".data"),
  /**
   * `https://endpoint/bucket`: where artifacts are stored, instead of the data folder. The keys are read from the
   * settings that every S3 client knows.
   */
  DMBENCH_BUCKET: z
    .string()
    .refine((address) => {
      if (!URL.canParse(address)) return false;
      const { protocol, pathname, search, hash, username, password } = new URL(address);
      return /^https?:$/.test(protocol) && pathname.length > 1 && !`${search}${hash}${username}${password}`;
    }, bucketExpected)
    .optional(),
  AWS_ACCESS_KEY_ID: setting,
  AWS_SECRET_ACCESS_KEY: setting,
  /** Of temporary keys. */
  AWS_SESSION_TOKEN: setting,
  /** The bucket's region. Default: as the endpoint's name says, else us-east-1. */
  AWS_REGION: setting,
  /** Folder with data sets as they were published, one folder for each. */
  DMBENCH_DATASETS_DIR: setting,
  /** Signs sessions. Default: generated once and stored in the data folder. */
  NEXTAUTH_SECRET: z.string().min(16, "at least 16 characters").optional(),
  /** The site's public address; only its origin counts. Default: the request's, see `site-origin.ts`. */
  NEXTAUTH_URL: z
    .url({ protocol: /^https?$/, hostname: /./, error: "an address such as https://bench.example" })
    .transform((address) => new URL(address).origin)
    .optional(),
  /** Names of the maintainers' accounts, separated by commas; read at each start. */
  DMBENCH_MAINTAINERS: z
    .string()
    .transform((names) =>
      names
        .split(",")
        .map((name) => name.trim().toLowerCase())
        .filter(Boolean),
    )
    .optional(),
  /**
   * Where policies are scored: in processes of their own (`process`), in the site's own process while a request for work
   * is answered (`inline`, for functions), or by other instances (`none`). Default: `process` if `npm start` started
   * it, else `inline`.
   */
  DMBENCH_SCORING: z.enum(["process", "inline", "none"], { error: "process, inline or none" }).optional(),
  /** Connections to PostgreSQL that this process may open. Default: 10, and 3 where policies are scored inline. */
  DMBENCH_DATABASE_CONNECTIONS: wholeNumberSchema(1, 100).optional(),
  /**
   * Which benchmarks' held-out runs this installation records: `all` whose data is on this machine, those of data sets
   * that come with the site (`embedded`), `none`, or named ones, separated by commas.
   */
  DMBENCH_RECORD: z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .refine(
      (parts) =>
        (parts.length === 1 && ["all", "embedded", "none"].includes(parts[0]!)) ||
        parts.every((part) => slugs.includes(part)),
      recordExpected,
    )
    .default(["all"]),
  /** At most so many held-out runs of a benchmark are recorded. Default: as many as the benchmark has. */
  DMBENCH_RECORD_RUNS: wholeNumberSchema(1, 1000).optional(),
  /** The share of each processor that recording may use; it rests for the remaining time. */
  DMBENCH_RECORD_SHARE: z
    .string()
    .regex(/^(0?\.\d+|1|1\.0+)$/, "a number from 0.05 to 1, such as 0.5")
    .transform(Number)
    .pipe(z.number("").min(0.05, "a number from 0.05 to 1, such as 0.5"))
    .default(1),
  /** Seconds of processor time a day (UTC) in which published runs are trained again, to compare. 0: none are. */
  DMBENCH_AUDIT_SECONDS: wholeNumberSchema(0, 1_000_000).default(7200),
  /** Whether a dump is stored each day (UTC). Default: `nightly` with PostgreSQL and a bucket, else `none`. */
  DMBENCH_DUMPS: z.enum(["nightly", "none"], { error: "nightly or none" }).optional(),
  /** The site whose dumps this one shows, read-only. */
  DMBENCH_MIRROR_OF: z
    .url({ protocol: /^https?$/, hostname: /./, error: "an address such as https://bench.example" })
    .transform((address) => new URL(address).origin)
    .optional(),
  /** What a cron service sends as `Authorization: Bearer …`, to ask for work that outlives requests. */
  CRON_SECRET: z.string().min(16, "at least 16 characters").optional(),
  /** How many reverse proxies are in front of the site; their forwarding headers are believed. */
  DMBENCH_PROXIES: wholeNumberSchema(0, 10).default(0),
  /** The commit of this build, where git is not at hand when it is built; see `next.config.js`. */
  DMBENCH_COMMIT: setting,
  GITHUB_CLIENT_ID: setting,
  GITHUB_CLIENT_SECRET: setting,
  GOOGLE_CLIENT_ID: setting,
  GOOGLE_CLIENT_SECRET: setting,
  /** The issuer address of an OpenID Connect provider. */
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: setting,
  OIDC_CLIENT_SECRET: setting,
  /** The label of its button. */
  OIDC_NAME: z.string().trim().min(1).default("Single sign-on"),
});

export type Env = z.infer<typeof envSchema>;

export type SettingName = keyof Env;

/** Every setting, in the order of this file. */
export const settingNames = Object.keys(envSchema.shape) as SettingName[];

/** The settings that are there; an empty string counts as absent. */
const presentIn = (source: NodeJS.ProcessEnv): Partial<Record<string, string>> =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));

/**
 * The settings in `source`; an empty string counts as absent.
 * @throws SettingsError with each wrong setting, what was expected and what was found
 */
export function parseEnv(source: NodeJS.ProcessEnv): Env {
  const wrong = wrongSettings(source);
  if (wrong.size === 0) return envSchema.parse(presentIn(source));
  throw new SettingsError(`These settings are wrong:\n${[...wrong.values()].join("\n")}`);
}

/** What is wrong with each setting in `source` that is wrong, in a line. */
export function wrongSettings(source: NodeJS.ProcessEnv): Map<string, string> {
  const present = presentIn(source);
  const lines = new Map(
    (envSchema.safeParse(present).error?.issues ?? []).map(({ path: [key], message }) => {
      const name = String(key);
      return [name, `${name}: expected ${message}, found ${shown(name, present[name])}`];
    }),
  );
  for (const name of present.DMBENCH_BUCKET ? ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] : [])
    if (!present[name])
      lines.set(name, `${name}: expected a key of the bucket, since DMBENCH_BUCKET is set, found none`);
  return lines;
}

/** A setting's value for an error message; of a secret only its length, of an address all but the password. */
const shown = (name: string, value = ""): string =>
  /SECRET|TOKEN/.test(name)
    ? `${value.length} characters`
    : JSON.stringify(value.replace(/^(\w+:\/\/[^:@/]*):[^@]*@/, "$1:…@"));

/** A setting that is not what it should be. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** Whether `npm start` or `npm run dev` started this process. */
export const isStartedByNpm = (source: NodeJS.ProcessEnv = process.env): boolean => lockOwnerVariable in source;

let parsed: Env | undefined;

/** The settings of this process. */
export const env = (): Env => (parsed ??= parseEnv(process.env));

export type ScoringMode = NonNullable<Env["DMBENCH_SCORING"]>;

/** Where this process scores policies; a mirror scores none. */
export const scoringMode = (): ScoringMode =>
  env().DMBENCH_MIRROR_OF ? "none" : (env().DMBENCH_SCORING ?? (isStartedByNpm() ? "process" : "inline"));

/** Whether this site writes a dump each day. A mirror doesn't: its dumps are those of the site that it follows. */
export const writesDumps = ({ DMBENCH_DUMPS, DMBENCH_MIRROR_OF, DATABASE_URL, DMBENCH_BUCKET }: Env = env()): boolean =>
  !DMBENCH_MIRROR_OF && (DMBENCH_DUMPS ?? (DATABASE_URL && DMBENCH_BUCKET ? "nightly" : "none")) === "nightly";

/** How to open the bucket that the settings name; null if they name none. */
export const bucketSettings = ({ DMBENCH_BUCKET: url, ...settings }: Env): BucketSettings | null =>
  url === undefined
    ? null
    : {
        url,
        accessKeyId: settings.AWS_ACCESS_KEY_ID!,
        secretAccessKey: settings.AWS_SECRET_ACCESS_KEY!,
        sessionToken: settings.AWS_SESSION_TOKEN,
        region: settings.AWS_REGION,
      };

/** A path inside the data folder. */
export const dataPath = (...parts: string[]): string =>
  path.resolve(/* turbopackIgnore: true */ env().DMBENCH_DATA_DIR, ...parts);
