import { DOMParser } from "@xmldom/xmldom";
import fc from "fast-check";
import { expect, it } from "vitest";
import { embedHref, embedView, fitFrame, frameHtml } from "@/lib/leaderboard";

it("writes only what differs from the defaults, and reads it back", () => {
  expect(embedHref("/leaderboard/digits-mlp")).toBe("/embed/leaderboard/digits-mlp");
  const address = embedHref("/leaderboard/digits-mlp", { theme: "dark", rows: 3, division: "open", version: 2 });
  expect(address).toBe("/embed/leaderboard/digits-mlp?theme=dark&rows=3&division=open&version=2");
  const { searchParams } = new URL(address, "https://bench.example");
  expect(embedView.read(Object.fromEntries(searchParams))).toEqual({
    theme: "dark",
    rows: 3,
    division: "open",
    version: 2,
  });
});

it("takes the default where a parameter is wrong", () => {
  for (const rows of ["0", "21", "2.5", "many", ""])
    expect(embedView.read({ rows, theme: "blue" })).toMatchObject({ rows: 10, theme: "auto" });
});

it("fits frames into what they may take", () => {
  const size = fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined });
  fc.assert(
    fc.property(size, size, (width, height) => {
      const frame = fitFrame(width, height);
      expect(frame.width).toBeLessThanOrEqual(width ?? 800);
      expect(frame.height).toBeLessThanOrEqual(height ?? Infinity);
      expect(embedView.read({ rows: String(frame.rows) }).rows).toBe(frame.rows);
    }),
  );
  expect(fitFrame().rows).toBe(10);
  expect(fitFrame(400, 300).rows).toBeLessThan(10);
});

it("writes HTML from which no title breaks out", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', "<", ">", "&", "'", "x", "&quot;") }), (title) => {
      const address = "https://bench.example/embed/policies/a?theme=dark&rows=3";
      const html = frameHtml({ address, title, width: 800, height: 500 });
      const frame = new DOMParser().parseFromString(html, "application/xml").documentElement!;
      expect([frame.tagName, frame.getAttribute("title"), frame.getAttribute("src")]).toEqual([
        "iframe",
        title,
        address,
      ]);
      expect(frame.childNodes).toHaveLength(0);
    }),
  );
});
