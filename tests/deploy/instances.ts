/**
 * Several instances of the standalone build, as a platform of functions runs them: each as a user who may write nothing
 * but its own empty folder of temporary files, behind a balancer, on a PostgreSQL server, through PgBouncer where that is
 * installed, and on a bucket. After each answer an instance may be frozen until its next request, or killed.
 */
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request as send } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { findPgBouncer, startPgBouncer } from "../support/pgbouncer";
import { freePort, startPostgres } from "../support/postgres";
import type { S3Server } from "../support/s3";
import { startS3 } from "../support/s3";

/** The build: `npm run build`, or `npm start`. */
const built = fileURLToPath(new URL("../../.next/standalone", import.meta.url));

/** Debian's `nobody`, where the tests run as root. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

export const cronSecret = "of the tests of instances";

/** After every so many answers a random instance is frozen, or killed. */
export interface Faults {
  freezeEvery: number;
  killEvery: number;
}

export const noFaults: Faults = { freezeEvery: Infinity, killEvery: Infinity };

export interface Instances {
  /** Of the balancer. */
  address: string;
  /** Of PostgreSQL itself. */
  database: string;
  bucket: S3Server;
  faults: Faults;
  /** How often instances were frozen and killed. */
  counts: { frozen: number; killed: number };
  /** Starts `dmbench work`; it is stopped with the instances. */
  startWorker(...kinds: string[]): void;
  /** The files that instances have written. */
  writtenFiles(): string[];
  /** What they have printed. */
  printed(): string;
  stop(): Promise<void>;
}

interface Instance {
  port: number;
  child: ChildProcess;
  frozen: boolean;
  ready: boolean;
  /** Requests that it has not answered. */
  inFlight: number;
}

/** A platform freezes no instance in the middle of an answer; but a machine may stall for so long. */
const stallMs = 1000;

/**
 * Prepares the database with the build's own program and starts the instances.
 * @param settings environment variables besides those that every instance needs
 */
export async function startInstances(
  count: number,
  { settings = {} }: { settings?: Record<string, string> } = {},
): Promise<Instances> {
  const folder = mkdtempSync(join(tmpdir(), "dmbench-instances-"));
  chmodSync(folder, 0o755);
  const program = join(folder, "site");
  cpSync(built, program, { recursive: true });
  spawnSync("chmod", ["-R", "a-w", program]);
  const before = new Set(readdirSync(program, { recursive: true, encoding: "utf8" }));

  const postgres = await startPostgres();
  const bouncer = findPgBouncer() ? await startPgBouncer(postgres.url, 20) : null;
  const bucket = await startS3();
  const port = await freePort();
  const address = `http://localhost:${port}`;
  let printed = "";
  let stopping = false;

  /** Starts a program of the build with the settings of an instance. */
  const run = (name: string, more: Record<string, string>, ...options: string[]): ChildProcess => {
    const temporary = mkdtempSync(join(folder, "tmp-"));
    chmodSync(temporary, 0o777);
    const child = spawn(process.execPath, [name, ...options], {
      ...unprivileged,
      cwd: program,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        TMPDIR: temporary,
        HOME: temporary,
        NODE_ENV: "production",
        DATABASE_URL: bouncer?.url ?? postgres.url,
        DMBENCH_BUCKET: bucket.url,
        AWS_ACCESS_KEY_ID: "key",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_REGION: "eu-test-1",
        NEXTAUTH_URL: address,
        NEXTAUTH_SECRET: cronSecret,
        CRON_SECRET: cronSecret,
        DMBENCH_PROXIES: "1",
        DMBENCH_AUDIT_SECONDS: "0", // most runs that are published are made up
        DMBENCH_SCORING: "inline",
        ...settings,
        ...more,
      },
    });
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
    return child;
  };
  const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
  const ended = (child: ChildProcess): Promise<void> =>
    isOver(child) ? Promise.resolve() : new Promise((resolve) => child.once("exit", () => resolve()));

  const release = run("lib/server/dist/release.mjs", {});
  await ended(release);
  if (release.exitCode !== 0) throw new Error(`the release failed:\n${printed}`);

  const instances: Instance[] = [];
  const serve = (itsPort: number) => run("server.js", { PORT: String(itsPort), HOSTNAME: "127.0.0.1" });
  const start = async (instance: Instance): Promise<void> => {
    while (!stopping) {
      const answer = await fetch(`http://127.0.0.1:${instance.port}/api/v1/ready`).catch(() => null);
      if (answer?.ok) break;
      if (isOver(instance.child)) throw new Error(`an instance ended by itself:\n${printed}`);
      await setTimeout(100);
    }
    instance.ready = true;
  };
  const workers: ChildProcess[] = [];

  const thaw = (instance: Instance): void => {
    if (!instance.frozen) return;
    instance.frozen = false;
    instance.child.kill("SIGCONT");
  };
  const draw = xoroshiro128plus(count);
  let answers = 0;
  const afterAnswer = (): void => {
    answers += 1;
    const { killEvery, freezeEvery } = deployment.faults;
    const ready = instances.filter((instance) => instance.ready);
    const victim = ready[(draw.next() >>> 0) % ready.length];
    if (!victim) return;
    if (answers % killEvery === 0) {
      deployment.counts.killed += 1;
      victim.ready = false;
      victim.child.kill("SIGKILL");
      void ended(victim.child).then(() => {
        if (stopping) return;
        victim.child = serve(victim.port);
        victim.frozen = false;
        return start(victim);
      });
    } else if (answers % freezeEvery === 0 && !victim.frozen) {
      deployment.counts.frozen += 1;
      victim.frozen = true;
      victim.child.kill("SIGSTOP");
      if (victim.inFlight > 0) void setTimeout(stallMs).then(() => thaw(victim));
    }
  };

  let turn = 0;
  const next = async (): Promise<Instance> => {
    for (;;) {
      for (let tried = 0; tried < instances.length; tried += 1) {
        const instance = instances[turn++ % instances.length]!;
        if (instance.ready) return instance;
      }
      await setTimeout(50);
    }
  };
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const instance = await next();
    instance.inFlight += 1;
    response.once("close", () => (instance.inFlight -= 1));
    thaw(instance);
    const { method, url, headers } = request;
    const onward = { host: "127.0.0.1", port: instance.port, method, path: url, headers, agent: false as const };
    const passed = send(onward, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
      answer.once("end", afterAnswer).once("error", () => response.destroy());
    });
    passed.once("error", () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { "content-type": "text/plain" }).end("The instance is gone.");
    });
    response.once("close", () => passed.destroy());
    request.pipe(passed);
  };
  const balancer = createServer((request, response) => {
    // As a platform's proxy does; a test may pretend to be somebody.
    request.headers["x-forwarded-for"] ??= request.socket.remoteAddress;
    request.headers["x-forwarded-proto"] = "http";
    request.headers["x-forwarded-host"] = request.headers.host;
    void forward(request, response);
  });

  const deployment: Instances = {
    address,
    database: postgres.url,
    bucket,
    faults: noFaults,
    counts: { frozen: 0, killed: 0 },
    startWorker: (...kinds) => void workers.push(run("lib/server/dist/work.mjs", {}, ...kinds)),
    writtenFiles() {
      const temporary = readdirSync(folder).filter((name) => name.startsWith("tmp-"));
      return [
        ...readdirSync(program, { recursive: true, encoding: "utf8" }).filter((name) => !before.has(name)),
        ...temporary.flatMap((name) => readdirSync(join(folder, name)).map((file) => join(name, file))),
      ];
    },
    printed: () => printed,
    async stop() {
      stopping = true;
      balancer.closeAllConnections();
      await new Promise((resolve) => balancer.close(resolve));
      const children = [...instances.map(({ child }) => child), ...workers];
      for (const child of children) {
        child.kill("SIGCONT");
        child.kill("SIGTERM");
      }
      await Promise.race([Promise.all(children.map(ended)), setTimeout(30_000)]);
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map(ended));
      await bouncer?.stop();
      postgres.stop();
      await bucket.stop();
      spawnSync("chmod", ["-R", "u+w", program]);
      rmSync(folder, { recursive: true });
    },
  };
  try {
    for (let index = 0; index < count; index += 1) {
      const itsPort = await freePort();
      instances.push({ port: itsPort, child: serve(itsPort), frozen: false, ready: false, inFlight: 0 });
    }
    await Promise.all(instances.map(start));
    await new Promise<void>((resolve, reject) => balancer.once("error", reject).listen(port, resolve));
  } catch (error) {
    await deployment.stop();
    throw error;
  }
  return deployment;
}
