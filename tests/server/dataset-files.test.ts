import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { GET } from "@/app/api/v1/datasets/[slug]/[file]/route";
import { datasetInfo, loadDataset } from "@/lib/datasets";
import { listDatasets, testData } from "@/lib/server/datasets";

// A folder in the settings would take precedence over the files that come with the site.
delete process.env.DMBENCH_DATASETS_DIR;

const get = (slug: string, file: string, query = "", headers: Record<string, string> = {}): Promise<Response> =>
  GET(new Request(`http://site/api/v1/datasets/${slug}/${file}${query}`, { headers }), {
    params: Promise.resolve({ slug, file }),
  });

const { version } = datasetInfo("digits");

it("serves a data set's published file, cacheable forever under its version", async () => {
  const response = await get("digits", "digits.csv.gz", `?version=${version}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(Buffer.from(await response.arrayBuffer()).equals(readFileSync("public/datasets/digits/digits.csv.gz"))).toBe(
    true,
  );
});

it("answers 304 to a request with the file's ETag", async () => {
  const etag = (await get("digits", "digits.csv.gz")).headers.get("etag")!;
  const again = await get("digits", "digits.csv.gz", "", { "if-none-match": etag });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

it.each([
  ["digits", "../../package.json", ""],
  ["digits", "digits.csv", ""],
  ["..", "package.json", ""],
  ["digits", "digits.csv.gz", "?version=0"],
])("has no file %s/%s%s", async (slug, file, query) => {
  const response = await get(slug, file, query);
  expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
});

it("scores with the same labels and hash that a browser gets from the same files", async () => {
  const digits = await loadDataset(
    "digits",
    async (name) => new Uint8Array(await (await get("digits", name)).arrayBuffer()),
  );
  expect(await testData("digits")).toEqual({
    slug: "digits",
    version,
    subset: null,
    hash: digits.hash,
    classes: 10,
    testLabels: digits.test.labels,
  });
});

it("lists which data sets this site has a copy of", async () => {
  expect((await listDatasets()).find(({ slug }) => slug === "digits")).toMatchObject({
    version,
    copy: "embedded",
    download: null,
    files: ["digits.csv.gz"],
  });
});
