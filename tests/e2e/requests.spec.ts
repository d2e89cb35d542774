/**
 * Requests that no browser and no page of the site makes: addresses that can't be decoded, methods and bodies that
 * nobody expects. Each is refused in words, by `next start` and by a standalone server alike.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import type { Document } from "@/app/api/openapi";
import { findPostgres, startPostgres } from "../support/postgres";
import { startS3 } from "../support/s3";
import { testSettings } from "../support/site";
import { placeOf } from "./places";

const root = fileURLToPath(new URL("../..", import.meta.url));
const undecodable = ["%ff", "%c0%af", "%", "%E0%A4%A", "a%zz", "%ED%A0%80"];
const strange = ["%00", "%E2%80%AE", "%EF%BF%BE", "x".repeat(3000)];

const servers = {
  "next start": placeOf("shared"),
  "a standalone server": placeOf("requests"),
};

const noPostgres = !findPostgres() && "PostgreSQL is not installed: apt-get install postgresql";
const standalone = fileURLToPath(new URL("../../.next/standalone", import.meta.url));
const { DATABASE_URL: _, ...environment } = process.env;

/** Runs a program of Node to its end; what it prints goes to this process's output. */
async function run(program: readonly string[], settings: Record<string, string>): Promise<void> {
  const child = spawn(process.execPath, program, {
    cwd: standalone,
    stdio: "inherit",
    env: { ...environment, ...settings },
  });
  expect((await once(child, "exit"))[0]).toBe(0);
}

test.beforeAll(async () => {
  if (noPostgres) return;
  const { port, dataFolder } = servers["a standalone server"];
  const { url: DATABASE_URL, stop: stopDatabase } = await startPostgres();
  const bucket = await startS3();
  const shared = {
    DATABASE_URL,
    DMBENCH_BUCKET: bucket.url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "eu-test-1",
  };
  await run(["lib/server/dist/release.mjs"], shared);
  const server = spawn(process.execPath, ["server.js"], {
    cwd: standalone,
    stdio: "inherit",
    env: {
      ...environment,
      ...testSettings,
      ...shared,
      PORT: String(port),
      DMBENCH_DATA_DIR: dataFolder,
      NEXTAUTH_URL: `http://localhost:${port}`,
      NEXTAUTH_SECRET: "of the tests of requests",
      CRON_SECRET: "of the tests of requests",
      DMBENCH_PROXIES: "0",
    },
  });
  const ended = once(server, "exit");
  stop = async () => {
    server.kill();
    await ended;
    stopDatabase();
    await bucket.stop();
  };
  while (!(await fetch(`http://localhost:${port}/api/v1/ready`).catch(() => null))?.ok) {
    if (server.exitCode !== null) throw new Error("the standalone server ended by itself");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
});
let stop = async (): Promise<void> => {};
test.afterAll(() => stop());

test("a standalone server without its settings names them all, and ends", async () => {
  const server = spawn(process.execPath, ["server.js"], {
    cwd: standalone,
    env: { ...environment, PORT: "0", NEXTAUTH_SECRET: "short" },
  });
  let printed = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (text: Buffer) => (printed += text.toString()));
  expect((await once(server, "close"))[0]).toBe(1);
  for (const name of ["DATABASE_URL", "DMBENCH_BUCKET", "AWS_ACCESS_KEY_ID", "CRON_SECRET", "DMBENCH_PROXIES"])
    expect(printed).toMatch(new RegExp(`^${name}: expected .*, found nothing\\. `, "m"));
  expect(printed).toContain("NEXTAUTH_SECRET: expected at least 16 characters, found 5 characters. ");
  expect(printed).not.toMatch(/^\s+at /m);
});

/** The routes of pages and pictures with a segment that anyone can write, as `/u/[name]`. */
const pages = readdirSync(`${root}/app`, { recursive: true, encoding: "utf8" })
  .filter((file) => /^(?!api\/).*\[.*(page|-image)\.tsx$/.test(file))
  .map((file) => `/${file.replace(/\/page\.tsx$|\.tsx$/, "")}`);

for (const [name, { port }] of Object.entries(servers))
  test.describe(() => {
    test.skip(name === "a standalone server" && noPostgres !== false, String(noPostgres));
    const address = `http://localhost:${port}`;
    const description = async () => ((await (await fetch(`${address}/api/v1/openapi.json`)).json()) as Document).paths;

    test(`${name} answers each address that names nothing with 404, whatever is in it`, async () => {
      const described = await description();
      const api = [
        ...Object.keys(described).filter((path) => path.includes("{")),
        "/api/{nothing}",
        "/api/auth/{action}",
        "/api/auth/callback/{provider}",
      ];
      expect(pages.length).toBeGreaterThan(6);
      for (const route of [...api, ...pages, "/[nothing]", "/docs/[nothing]"]) {
        for (const value of [...undecodable, ...strange]) {
          const path = route.replace(/\{\w+\}|\[\w+\]/g, value);
          const json = { accept: "application/json" }; // instead of the picture that a badge would answer with
          const { status, type, text } = await send(port, "GET", path, route.startsWith("/api") ? json : {});
          if (route.startsWith("/moderation")) {
            expect([path, status]).toEqual([path, 307]); // a flag is shown to those who are signed in
          } else if (route.startsWith("/api")) {
            const operation = described[route] ?? { get: { "x-access": "anyone" } };
            const expected = !operation.get ? 405 : operation.get["x-access"] === "anyone" ? 404 : 401;
            expect([path, status, type]).toEqual([path, expected, "application/problem+json"]);
            expect(JSON.parse(text)).toMatchObject({ status, detail: expect.stringMatching(/\w+ \w+/) });
          } else {
            expect([path, status]).toEqual([path, 404]);
            if (!route.endsWith("image")) expect([path, type]).toEqual([path, "text/html; charset=utf-8"]);
          }
        }
      }
    });

    test(`${name} finds nothing where a search holds what no name has, and fails on no query`, async () => {
      const names =
        "q author variant sort after pin columns page kind board subject subjectId benchmark methods runs policy version method fork on id callbackUrl error state network backend seconds rows";
      for (const page of [
        "/leaderboard/digits-mlp",
        "/leaderboard/overview",
        "/policies",
        "/policies/new",
        "/log",
        "/compare",
        "/signin",
        "/train",
        "/bench",
        "/moderation/new",
      ])
        for (const value of [...undecodable, ...strange]) {
          const query = names.split(" ").map((name) => `${name}=${value.slice(0, 300)}`);
          const { status } = await send(port, "GET", `${page}?${query.join("&")}`);
          expect([page, value, status < 500]).toEqual([page, value, true]);
        }
      const board = await send(port, "GET", "/leaderboard/digits-mlp?pin=none&q=%00");
      expect(board.text).not.toContain('href="/policies/dmbn"');
    });

    test(`${name} has a sentence for every method that a path lacks`, async () => {
      for (const path of ["/", "/api/v1/benchmarks", "/api/auth/session", "/u/nobody"])
        for (const method of ["TRACE", "PROPFIND", "QUERY"]) {
          const { status, type, text } = await send(port, method, path);
          expect([path, method, status, type]).toEqual([path, method, 501, "application/problem+json"]);
          expect(JSON.parse(text).detail).toContain(`found ${method}`);
        }
      for (const path of ["/", "/u/nobody", "/leaderboard/digits-mlp"]) {
        const { status, headers } = await send(port, "POST", path);
        expect([path, status, headers.allow]).toEqual([path, 405, "GET, HEAD, OPTIONS"]);
      }
      for (const path of Object.keys(await description())) {
        const filled = path.replace(/\{\w+\}/g, "x");
        const { status, headers } = await send(port, "OPTIONS", filled);
        expect([path, status]).toEqual([path, 204]);
        const allowed = String(headers.allow).split(", ");
        for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
          const answer = await send(port, method, filled);
          expect([path, method, answer.status === 405]).toEqual([path, method, !allowed.includes(method)]);
          expect([path, method, answer.status < 500]).toEqual([path, method, true]);
        }
      }
    });

    test(`${name} takes JSON as it is, and a sign-in of a length that it knows`, async () => {
      const json = { "content-type": "application/json" };
      const body = JSON.stringify({ name: "somebody", password: "correct horse battery" });
      const account = (headers: Record<string, string>, sent: string | Buffer) =>
        send(port, "POST", "/api/v1/account", headers, sent);
      for (const encoding of ["gzip", "br", "deflate", "zstd", "aes128gcm"]) {
        const { status, headers, text } = await account({ ...json, "content-encoding": encoding }, gzipSync(body));
        expect([encoding, status, headers["accept-encoding"]]).toEqual([encoding, 415, "identity"]);
        expect(JSON.parse(text).errors).toMatchObject([{ field: "content-encoding", found: encoding }]);
      }
      for (const type of [
        "text/plain",
        "application/json; charset=utf-16",
        "application/xml",
        "multipart/form-data",
        "",
      ])
        expect([type, (await account({ "content-type": type }, body)).status]).toEqual([type, 415]);
      for (const [sent, found] of [
        ["[]", "[]"],
        ["null", "null"],
        ['"x"', '"x"'],
        ["1", "1"],
      ] as const)
        expect(JSON.parse((await account(json, sent)).text)).toMatchObject({
          status: 422,
          errors: [{ field: "", found }],
        });

      const signIn = (headers: Record<string, string>, sent: string) =>
        send(port, "POST", "/api/auth/callback/credentials", headers, sent);
      const form = { "content-type": "application/x-www-form-urlencoded" };
      expect((await signIn({ ...form, "transfer-encoding": "chunked" }, "name=x")).status).toBe(411);
      expect((await signIn(form, `name=${"x".repeat(20_000)}`)).status).toBe(413);
      expect((await signIn({ "content-type": "text/plain" }, "name=x")).status).toBe(415);
      expect((await signIn({ ...form, "content-encoding": "gzip" }, "name=x")).status).toBe(415);
      expect((await signIn(json, "{")).status).toBe(400);
      expect((await signIn(json, '{"name":{},"password":1}')).text).not.toContain("1,");
      for (const wrong of ['{"name":{}}', "[]", "null", '{"callbackUrl":[]}', '{"csrfToken":1}'])
        expect([wrong, (await signIn(json, wrong)).status]).toEqual([wrong, 422]);
      for (const name of ["%00", "%E2%80%AE", "x".repeat(3000), "%ff"])
        expect((await signIn(form, `name=${name}&password=x&json=true`)).status).toBeLessThan(500);
    });
  });

/** Sends a request as it is: `fetch` would refuse some of these, and mend others. */
async function send(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: string | Buffer = "",
) {
  const length = "transfer-encoding" in headers ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const sent = request({ port, method, path, headers: { ...headers, ...(body && length) } });
  sent.end(body);
  const [response] = await once(sent, "response");
  const text = Buffer.concat(await response.toArray()).toString();
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, string | undefined>,
    type: response.headers["content-type"] as string | undefined,
    text,
  };
}
