/** Croissant of boards and data sets, read as JSON-LD without a network: what it requires is there, and no term is lost. */
import jsonld from "jsonld";
import { describe, expect, it } from "vitest";
import { datasetCroissant, datasets } from "@/lib/datasets";
import { boardCroissant, readBoardView } from "@/lib/leaderboard";
import { exportColumns } from "@/lib/leaderboard/export/table";

const origin = "https://bench.example";
const schema = "http://schema.org/";
const cr = "http://mlcommons.org/croissant/";

type Node = Record<string, unknown>;

async function expanded(document: object): Promise<Node> {
  const documentLoader = (url: string) => Promise.reject(new Error(`it asks the network for ${url}`));
  const options = { documentLoader, safe: true, base: `${origin}/croissant` }; // safe: throws on what would be dropped
  const nodes = await jsonld.expand(document as jsonld.JsonLdDocument, options as jsonld.Options.Expand);
  expect(nodes).toHaveLength(1);
  return nodes[0] as Node;
}

const values = (node: Node, term: string) =>
  (node[term] as ({ "@value"?: unknown } & Node)[] | undefined)?.map((value) => value["@value"] ?? value) ?? [];

/** Every term in a document, wherever it is. */
function termsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(termsOf);
  if (typeof node !== "object" || node === null || (node as Node)["@type"] === "@json") return [];
  return Object.entries(node).flatMap(([term, value]) => [...(term.startsWith("@") ? [] : [term]), ...termsOf(value)]);
}

const board = {
  slug: "digits-mlp",
  version: 2,
  title: "Digits, MLP",
  summary: "A board.",
  asOf: new Date("2026-11-28T12:00:00Z"),
};
const described = [
  ["a board", () => boardCroissant(board, origin)],
  ...datasets.map((info) => [info.slug, () => datasetCroissant(info, origin)] as const),
] as const;

describe.each(described)("%s", (_, describeIt) => {
  it("has every property that Croissant 1.1 requires", async () => {
    const node = await expanded(describeIt());
    expect(node["@type"]).toEqual([`${schema}Dataset`]);
    expect(values(node, "http://purl.org/dc/terms/conformsTo")).toEqual([`${cr}1.1`]);
    for (const term of ["name", "description", "url", "license", "creator", "datePublished", "distribution", "version"])
      expect(values(node, schema + term).length, term).toBeGreaterThan(0);
    for (const term of ["url", "datePublished", "name", "description"])
      expect(values(node, schema + term), term).toHaveLength(1);
    expect(String(values(node, `${schema}datePublished`)[0])).toMatch(/^\d{4}($|-\d\d-\d\dT)/);
    expect(String(values(node, `${schema}url`)[0])).toMatch(/^https?:\/\//);
  });

  it("uses terms of schema.org, Croissant and Dublin Core alone, and those of Croissant as it defines them", async () => {
    const terms = new Set(termsOf(await expanded(describeIt())));
    for (const term of terms)
      expect(term).toMatch(/^http:\/\/(schema\.org|mlcommons\.org\/croissant|purl\.org\/dc\/terms)\//);
    const ofCroissant = [...terms].filter((term) => term.startsWith(cr)).map((term) => term.slice(cr.length));
    for (const term of ofCroissant) expect(croissantTerms).toContain(term);
    for (const term of croissantTerms) expect(terms).not.toContain(schema + term);
  });

  it("refers to files and fields that are there", () => {
    const { distribution, recordSet } = describeIt();
    const files = new Set(distribution.map((file) => file["@id"]));
    expect(files.size).toBe(distribution.length);
    for (const { "@id": id, containedIn, contentUrl } of distribution)
      if (containedIn) expect([...files].filter((file) => file !== id)).toContain(containedIn["@id"]);
      else expect(contentUrl).toMatch(/^https?:\/\//);
    for (const { field, key } of recordSet) {
      const fields = field.map((each) => each["@id"]);
      expect(new Set(fields).size).toBe(fields.length);
      if (key) expect(fields).toContain(key["@id"]);
      for (const { source } of field) if (source) expect(files).toContain(source.fileObject["@id"]);
    }
  });
});

it("describes each column of a board's file", () => {
  const { distribution, recordSet } = boardCroissant(board, origin);
  for (const { "@id": division, field } of recordSet) {
    const file = distribution.find((each) => each["@id"] === `${division}.csv`)!;
    const { searchParams } = new URL(file.contentUrl);
    expect(searchParams.get("format")).toBe("csv");
    searchParams.delete("format");
    const view = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
    expect(field.map(({ name }) => name)).toEqual(exportColumns(readBoardView(view)).map(({ name }) => name));
  }
});

it("says of a data set without a licence what is known instead", () => {
  const { license } = datasetCroissant(datasets.find(({ slug }) => slug === "cifar-10")!, origin);
  expect(license).toEqual({ "@type": "sc:CreativeWork", name: "none stated; the publisher asks to be cited" });
});

/** Properties of the specification's appendix 1 and of its classes that documents here have. */
const croissantTerms = [
  "citeAs",
  "column",
  "containedIn",
  "data",
  "dataType",
  "extract",
  "field",
  "fileObject",
  "isLiveDataset",
  "key",
  "md5",
  "recordSet",
  "source",
];
