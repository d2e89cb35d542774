/** What may be published as a measurement, and how classes of devices are ordered, compared and exported. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ClassSpeed, SpeedsView } from "@/lib/leaderboard";
import {
  compareSpeed,
  measurementRefusals,
  measurementSubmissionSchema,
  mostOperationsPerSecond,
  orderSpeeds,
  readSpeedsView,
  speedKey,
  speedsCsv,
  speedsHref,
  speedsSorts,
} from "@/lib/leaderboard";
import type { MeasuredSpeed, Measurement } from "@/lib/records";
import { issuesOf, measuredBackends, measuredNetworks, measurementSchema, plainName } from "@/lib/records";
import { operationsPerImage } from "@/lib/training";
import { aMeasurement, around, aSpeed } from "./a-measurement";

const fieldsOf = (measurement: unknown): string[] => {
  const { error } = measurementSchema.safeParse(measurement);
  return error ? issuesOf(error, measurement).map(({ field }) => field) : [];
};

it("takes any name that a browser or a driver could report, once it is made plain", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" })),
      fc.integer({ min: 1, max: 128 }),
      (text, max) => {
        const adapter = plainName(text, max);
        expect(plainName(adapter, max)).toBe(adapter);
        fc.pre(/[\p{L}\p{N}]/u.test(adapter));
        const speeds = [aSpeed({ backend: "webgpu", threads: 1, adapter })];
        expect(measurementSchema.parse(aMeasurement({ speeds })).speeds[0]!.adapter).toBe(adapter);
      },
    ),
  );
});

it("takes any figures in order, and no others", () => {
  fc.assert(
    fc.property(fc.tuple(...Array.from({ length: 3 }, () => fc.double())), ([least, median, most]) => {
      const imagesPerSecond = { least, median, most } as MeasuredSpeed["imagesPerSecond"];
      const fine = least! > 0 && least! <= median! && median! <= most! && most! < Infinity;
      expect(measurementSchema.safeParse(aMeasurement({ speeds: [aSpeed({ imagesPerSecond })] })).success).toBe(fine);
    }),
  );
});

it("refuses what contradicts itself, by field", () => {
  const refused: [field: string, change: Partial<Measurement>][] = [
    ["speeds[0].adapter", { speeds: [aSpeed({ adapter: "a GPU" })] }],
    ["speeds[0].adapter", { speeds: [aSpeed({ backend: "webgpu" })] }],
    ["speeds[0].adapter", { speeds: [aSpeed({ backend: "webgpu", adapter: "<script>" })] }],
    ["speeds[0].adapter", { speeds: [aSpeed({ backend: "webgpu", adapter: "x".repeat(129) })] }],
    ["speeds[0].imagesPerSecond", { speeds: [aSpeed({ imagesPerSecond: { median: 1, least: 2, most: 3 } })] }],
    ["speeds[0].rounds", { speeds: [aSpeed({ rounds: 0 })] }],
    ["speeds", { speeds: [] }],
    ["speeds", { speeds: [aSpeed(), aSpeed()] }],
    ["browser", { browser: "Chrome\n140" }],
    ["browser", { browser: "a".repeat(33) }],
    ["cores", { cores: 0 }],
    ["cores", { cores: 2.5 }],
    ["version", { version: "new" }],
    ["user", { user: "ada" } as Partial<Measurement>],
  ];
  for (const [field, change] of refused)
    expect(fieldsOf(aMeasurement(change)), JSON.stringify(change)).toEqual([field]);
  const body = { idempotencyKey: "short", measurement: aMeasurement() };
  expect(measurementSubmissionSchema.safeParse(body).success).toBe(false);
});

it("refuses more operations a second than any machine makes, naming the bound", () => {
  for (const network of measuredNetworks) {
    const bound = mostOperationsPerSecond / operationsPerImage(network);
    const fast = (most: number) =>
      aMeasurement({ speeds: [aSpeed({ network, imagesPerSecond: { median: 1, least: 1, most } })] });
    expect(measurementRefusals(fast(0.999 * bound), operationsPerImage)).toEqual([]);
    expect(measurementRefusals(fast(1.001 * bound), operationsPerImage)).toMatchObject([
      {
        reason: "invalid",
        field: "measurement.speeds[0].imagesPerSecond.most",
        expected: expect.stringContaining("10^15 operations a second"),
      },
    ]);
  }
});

const aClass = (change: Partial<ClassSpeed> = {}): ClassSpeed => ({
  network: "mlp",
  backend: "wasm",
  adapter: null,
  software: false,
  browser: "Chrome",
  system: "Linux",
  cores: 4,
  threads: 4,
  median: 20_000,
  low: null,
  high: null,
  n: 1,
  version: "0.2.0",
  ...change,
});

it("orders each network by itself, whichever way, and leaves out what the view does", () => {
  const row = fc
    .record({
      network: fc.constantFrom(...measuredNetworks),
      backend: fc.constantFrom(...measuredBackends),
      median: fc.double({ min: 1, max: 1e6, noNaN: true }),
      n: fc.integer({ min: 1, max: 9 }),
      cores: fc.integer({ min: 1, max: 64 }),
    })
    .map(aClass);
  const view = fc.record({
    network: fc.subarray([...measuredNetworks]),
    backend: fc.subarray([...measuredBackends]),
    sort: fc.constantFrom("median" as const, "n" as const),
    direction: fc.constantFrom("ascending" as const, "descending" as const),
  });
  fc.assert(
    fc.property(fc.array(row), view, (rows, asked) => {
      const ordered = orderSpeeds(rows, asked);
      const kept = rows.filter(
        ({ network, backend }) =>
          (asked.network.length === 0 || asked.network.includes(network)) &&
          (asked.backend.length === 0 || asked.backend.includes(backend)),
      );
      expect(new Set(ordered)).toEqual(new Set(kept));
      for (const network of measuredNetworks) {
        const values = ordered.filter((each) => each.network === network).map((each) => each[asked.sort]);
        const sorted = [...values].sort((a, b) => a - b);
        expect(values).toEqual(asked.direction === "ascending" ? sorted : sorted.reverse());
      }
      const places = ordered.map(({ network }) => measuredNetworks.indexOf(network));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }),
  );
});

it("finds a machine's own class, and how many classes are slower", () => {
  const machine = aMeasurement();
  const rows = [
    aClass({ n: 7, median: 18_000 }),
    aClass({ cores: 8, threads: 8, median: 40_000 }),
    aClass({ system: "Windows", median: 10_000 }),
    aClass({ network: "cnn", median: 1 }),
  ];
  expect(compareSpeed(machine, aSpeed(), rows)).toEqual({ own: rows[0], classes: 2, slower: 1 });
  expect(compareSpeed({ ...machine, cores: 6 }, aSpeed({ threads: 6 }), rows).own).toBeNull();
  // On WebGPU the adapter alone makes the class.
  const gpu = aClass({ backend: "webgpu", adapter: "a GPU", browser: null, system: null, cores: null, threads: null });
  const speed = aSpeed({ backend: "webgpu", adapter: "a GPU", threads: 1, imagesPerSecond: around(5) });
  expect(compareSpeed({ ...machine, browser: "Edge", system: "Windows" }, speed, [gpu]).own).toBe(gpu);
});

it("keeps every view in its URL, and leaves defaults out", () => {
  expect(speedsHref(readSpeedsView({}))).toBe("/bench");
  const view = fc.record({
    network: fc.subarray([...measuredNetworks]),
    backend: fc.subarray([...measuredBackends]),
    sort: fc.constantFrom(...speedsSorts),
    rows: fc.constantFrom("first" as const, "all" as const),
    seconds: fc.constantFrom("10" as const, "30" as const, "60" as const),
  });
  fc.assert(
    fc.property(view, (each) => {
      const { searchParams } = new URL(speedsHref(each as SpeedsView), "http://localhost");
      const params = Object.fromEntries(
        [...new Set(searchParams.keys())]
          .map((name) => [name, searchParams.getAll(name)] as const)
          .map(([name, all]) => [name, all.length > 1 ? all : all[0]!]),
      );
      expect(readSpeedsView(params)).toEqual(each);
    }),
  );
});

it("writes CSV that reads back, and that no spreadsheet evaluates", () => {
  const rows = [
    aClass({ low: 1, high: 2, n: 3 }),
    aClass({ backend: "webgpu", adapter: "-1+1, a GPU", browser: null }),
  ];
  const lines = parse(speedsCsv(rows), { columns: true }) as Record<string, string>[];
  expect(lines).toMatchObject([
    { network: "mlp", adapter: "", median: "20000", quartile_1: "1", quartile_3: "2", measurements: "3" },
    { adapter: "'-1+1, a GPU", browser: "", quartile_1: "" },
  ]);
  expect(new Set(rows.map(speedKey)).size).toBe(2);
});
