/** The settings of a site, as /docs/running lists them. `.env.example` and the README list them too. */

interface SettingGroup {
  /** Settings that are set together. */
  names: readonly string[];
  meaning: string;
}

export const settings: readonly SettingGroup[] = [
  { names: ["PORT"], meaning: "where it listens; 3000 without it" },
  {
    names: ["NEXTAUTH_URL"],
    meaning: "the public address, such as https://bench.example; of a path only the origin counts",
  },
  { names: ["DMBENCH_PROXIES"], meaning: "how many reverse proxies are in front; 0 without it" },
  {
    names: ["DATABASE_URL"],
    meaning: "postgresql://user:password@host:port/database; without it, an embedded database in the data folder",
  },
  {
    names: ["DMBENCH_DATA_DIR"],
    meaning: "the data folder: database, artifacts, the secret, downloaded data sets; .data without it",
  },
  {
    names: ["DMBENCH_BUCKET"],
    meaning:
      "https://endpoint/bucket of an S3 server, where artifacts are stored instead; without it, in the data folder",
  },
  {
    names: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"],
    meaning:
      "the bucket’s keys, the token of temporary ones, and its region; without a region, that of the endpoint’s name, else us-east-1",
  },
  {
    names: ["DMBENCH_DATASETS_DIR"],
    meaning:
      "a folder with data sets as their publishers, torchvision or Keras leave them, instead of downloading them",
  },
  {
    names: ["DMBENCH_DATABASE_CONNECTIONS"],
    meaning: "connections to PostgreSQL that a process may open; 10 without it, and 3 where policies are scored inline",
  },
  {
    names: ["DMBENCH_SCORING"],
    meaning:
      "where policies are scored: process (in processes of their own, which npm start does without it), inline (in the site’s own process, during requests, which functions do without it) or none (other instances do)",
  },
  {
    names: ["DMBENCH_RECORD"],
    meaning:
      "which benchmarks’ held-out runs are recorded in the background: all whose data is on this machine, embedded (those of data sets that come with the site), none, or names such as digits-mlp,mnist-mlp; all without it",
  },
  {
    names: ["DMBENCH_RECORD_RUNS"],
    meaning: "at most so many held-out runs of a benchmark; without it, as many as the benchmark has",
  },
  {
    names: ["DMBENCH_RECORD_SHARE"],
    meaning:
      "the share of each processor that recording may use, from 0.05 to 1; 1 without it, at low priority, and one processor while anybody is served",
  },
  {
    names: ["DMBENCH_AUDIT_SECONDS"],
    meaning:
      "seconds of processor time a day in which published runs are trained again, to compare; 7200 without it, none at 0",
  },
  {
    names: ["DMBENCH_DUMPS"],
    meaning:
      "whether a dump is written each day into the bucket or the data folder: nightly or none; nightly without it on PostgreSQL with a bucket, else none",
  },
  {
    names: ["DMBENCH_MIRROR_OF"],
    meaning: "the address of a site whose dumps this one shows, read-only; without it, this site is one of its own",
  },
  {
    names: ["NEXTAUTH_SECRET"],
    meaning: "at least 16 characters, for sessions; without it, one is made and stored in the data folder",
  },
  {
    names: ["CRON_SECRET"],
    meaning: "at least 16 characters, with which a cron service asks for background work; without it, none can",
  },
  { names: ["DMBENCH_MAINTAINERS"], meaning: "account names, separated by commas" },
  {
    names: ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"],
    meaning: "sign-in through an OpenID Connect provider, and the name on its button",
  },
  { names: ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"], meaning: "sign-in through GitHub" },
  { names: ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"], meaning: "sign-in through Google" },
  {
    names: ["DMBENCH_COMMIT"],
    meaning: "for a build where git is not at hand: the commit, which /api/v1/health names",
  },
];
