/** Names that look alike have one key, however they are disguised. */
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { confusables } from "@/lib/server/confusables";
import { lookAlikeKey } from "@/lib/server/look-alike";
import { isReservedName } from "@/lib/server/people/reserved-names";
import { isBuiltInName } from "@/lib/server/policies/names";

/** Alphabets that compatibility normalization maps to Latin, by the code point of their capital A and small a. */
const alphabets = [
  [0xff21, 0xff41], // fullwidth
  [0x1d400, 0x1d41a], // mathematical bold
  [0x1d5a0, 0x1d5ba], // sans-serif
  [0x1d670, 0x1d68a], // monospace
  [0x24b6, 0x24d0], // in circles
  [0x1f170, 0x1f170], // in black squares
] as const;

const invisible = ["\u200b", "\u200d", "\u2060", "\u00ad", "\ufe0f", "\u3164", "\u034f", "\u{e0061}"];

/** Ways to write a letter so that it looks like itself. */
function disguises(letter: string): string[] {
  const index = letter.toLowerCase().charCodeAt(0) - 97;
  const isLetter = /^[a-z]$/i.test(letter);
  return [
    letter.toLowerCase(),
    letter.toUpperCase(),
    ...(isLetter ? alphabets.flat().map((start) => String.fromCodePoint(start + index)) : []),
    ...[...confusables].flatMap(([character, latin]) => (latin === letter.toLowerCase() ? [character] : [])),
    ...invisible.map((character) => letter + character),
    `${letter}\u0301`,
    `${letter} `,
    ...(isLetter ? [`${letter}-`, `${letter}_`, `${letter}.`] : []),
  ];
}

const cached = new Map<string, fc.Arbitrary<string>>();
const disguise = (letter: string): fc.Arbitrary<string> =>
  cached.get(letter) ?? cached.set(letter, fc.constantFrom(...disguises(letter))).get(letter)!;

/** A text written with one disguise for each character. */
const disguised = (text: string): fc.Arbitrary<string> =>
  fc.tuple(...[...text].map((character) => disguise(character))).map((characters) => characters.join(""));

describe("what a name looks like", () => {
  it.each([
    ["DMBN", "DМBN"], // a Cyrillic М
    ["DMBN", "ԁмвṉ"],
    ["DMBN", "D\u200bMBN\u2060"],
    ["DMBN", "🅳🅼🅱🅽"],
    ["DMBN", "ᴅᴍʙɴ"],
    ["DMBN", "D. M. B. N."],
    ["Recalibration", "Rесаlіbrаtіοn"],
    ["alice", "a1ice"],
    ["alice", "aIice"],
    ["alice", "al-ice_"],
    ["modern", "modem"],
    ["tool", "t00l"],
    ["ﬁne", "fine"],
  ])("is the same for %s and %s", (one, other) => {
    expect(lookAlikeKey(other)).toBe(lookAlikeKey(one));
  });

  it.each([
    ["vote", "note"],
    ["alice", "alicia"],
    ["0.9", "0.99"],
    ["1.5", "15"],
    ["DMBN", "DMBN, changed"],
    ["李明", "李名"],
    ["β", "γ"],
  ])("differs for %s and %s", (one, other) => {
    expect(lookAlikeKey(other)).not.toBe(lookAlikeKey(one));
  });

  it("reveals any disguise of a built-in policy's name, and of a word that the site uses", () => {
    const builtIn = fc.constantFrom(...builtInPolicies.map(({ name }) => name)).chain(disguised);
    fc.assert(
      fc.property(builtIn, (name) => isBuiltInName(name)),
      { numRuns: 2000 },
    );
    const word = fc.constantFrom("admin", "maintainer", "dmbench", "built-in", "settings", "deleted-account");
    fc.assert(
      fc.property(word.chain(disguised), (name) => isReservedName(name)),
      { numRuns: 2000 },
    );
  });

  it("leaves other names free", () => {
    for (const name of ["ada", "grace-hopper", "keeper", "batchnorm-fan", "dmbn-ada", "user-7", "administrata"])
      expect(isReservedName(name), name).toBe(false);
    for (const name of ["DMBN with warm-up", "Constant .9123", "My cumulative average"])
      expect(isBuiltInName(name), name).toBe(false);
  });
});

it("reserves every route of the site and every folder of its static files", () => {
  const folders = ["app", "app/api", "public", "app/docs"].flatMap((parent) =>
    readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^[a-z]/.test(entry.name))
      .map(({ name }) => name),
  );
  expect(folders.length).toBeGreaterThan(12);
  expect(folders.filter((name) => name.length > 1 && name !== "v1" && !isReservedName(name))).toEqual([]);
});
