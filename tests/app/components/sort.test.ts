import { describe, expect, it } from "vitest";
import type { Sort } from "@/app/_components/tables/sort";
import { nextSort, readSort, sortHref, sortRows } from "@/app/_components/tables/sort";

describe("sorting", () => {
  it("cycles through three states", () => {
    let sort: Sort | null = null;
    const seen = [];
    for (let press = 0; press < 4; press++) {
      sort = nextSort(sort, "accuracy", "descending");
      seen.push(sort?.direction ?? null);
    }
    expect(seen).toEqual(["descending", "ascending", null, "descending"]);
  });

  it("starts over on another column, in that column's first direction", () => {
    expect(nextSort({ key: "accuracy", direction: "descending" }, "esm", "ascending")).toEqual({
      key: "esm",
      direction: "ascending",
    });
  });

  it("puts missing values last in both directions and keeps equal rows in order", () => {
    const rows = [
      { id: "a", v: null },
      { id: "b", v: 2 },
      { id: "c", v: 1 },
      { id: "d", v: Number.NaN },
      { id: "e", v: 2 },
    ];
    const ids = (direction: "ascending" | "descending") =>
      sortRows(rows, ({ v }) => v, direction)
        .map(({ id }) => id)
        .join("");
    expect(ids("ascending")).toBe("cbead");
    expect(ids("descending")).toBe("becad");
  });

  it("compares names like a person: ignoring case, numbers by value", () => {
    expect(
      sortRows(["Static 0.95", "static 0.5", "DMBN", "Static 10", "Static 9"], (name) => name, "ascending"),
    ).toEqual(["DMBN", "static 0.5", "Static 0.95", "Static 9", "Static 10"]);
  });

  it("survives a round trip through the URL and keeps other parameters", () => {
    for (const sort of [
      null,
      { key: "esm", direction: "ascending" },
      { key: "method", direction: "descending" },
    ] satisfies (Sort | null)[]) {
      const url = new URL(
        sortHref("/board", { version: "2", tag: ["a", "b"], sort: "old", direction: "ascending" }, sort),
        "http://site",
      );
      expect(readSort(Object.fromEntries(url.searchParams), ["esm", "method"])).toEqual(sort);
      expect([url.searchParams.get("version"), ...url.searchParams.getAll("tag")]).toEqual(["2", "a", "b"]);
    }
  });

  it("ignores a column that isn't sortable", () => {
    expect(readSort({ sort: "password", direction: "ascending" }, ["esm"])).toBeNull();
    expect(readSort({ sort: ["esm", "esm"] }, ["esm"])).toBeNull();
  });
});
