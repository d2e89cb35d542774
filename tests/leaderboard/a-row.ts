/** Arbitrary board rows, for tests of code that reads them. */
import fc from "fast-check";
import type { BoardEntry } from "@/lib/leaderboard";
import { deviceClasses, divisions, standings } from "@/lib/leaderboard";
import { byMetric, metricNames, variantNames } from "@/lib/records";

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const estimate = fc.oneof(
  fraction.map((mean) => ({ mean, deviation: null, low: null, high: null })),
  fc
    .tuple(fraction, fraction)
    .map(([mean, half]) => ({ mean, deviation: half / 2, low: mean - half, high: mean + half })),
);

/** Text that breaks code which interprets it as anything but text. */
const hostile = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    '=HYPERLINK("http://x")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "a|b",
    'a,b"c\r\nd',
    "\\input{x} & 50% #1 _ ^ ~ $",
    "<script>alert(1)</script>",
    "*bold* [link](x)",
    "β ± –",
  ),
);

export const rows: fc.Arbitrary<BoardEntry> = fc.record({
  method: fc.stringMatching(/^bn\/[a-z0-9-]{1,20}$/),
  variant: fc.constantFrom(...variantNames),
  division: fc.constantFrom(...divisions),
  policy: fc.record({
    slug: fc.constant("a"),
    name: hostile,
    rule: hostile,
    kind: fc.constantFrom("schedule", "select"),
    builtIn: fc.boolean(),
    author: fc.option(hostile),
  }),
  tries: fc.option(fc.integer({ min: 1, max: 1000 })),
  seed: fc.option(fc.nat().map(String)),
  tier: fc.integer({ min: 0, max: 6 }),
  reproduced: fc.nat(100),
  runs: fc.integer({ min: 1, max: 1000 }),
  n: fc.integer({ min: 1, max: 100 }),
  ...byMetric(metricNames, () => estimate),
  band: fc.option(fc.record({ first: fc.integer({ min: 1, max: 9 }), last: fc.integer({ min: 9, max: 99 }) })),
  standing: fc.option(fc.constantFrom(...standings)),
  sameAs: fc.option(fc.record({ slug: fc.constant("b"), name: hostile })),
  standsFor: fc
    .array(fc.record({ slug: fc.constant("c"), name: hostile }), { maxLength: 5 })
    .map((first) => ({ count: 2 * first.length, first })),
  gap: fc.option(
    fc.record({ mean: fc.double({ min: -1, max: 0, noNaN: true }), low: fc.constant(-0.5), high: fc.constant(0.5) }),
  ),
  devices: fc.subarray([...deviceClasses]),
  firstAt: fc.date({ min: new Date("2026-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
  updatedAt: fc.constant(new Date("2026-11-22")),
});
