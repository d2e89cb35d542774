import fc from "fast-check";
import { expect, it } from "vitest";
import { signUpSchema } from "@/lib/server/people/accounts";
import { expectedInsteadOf } from "@/lib/server/people/weak-passwords";

it.each([
  ["password"],
  ["PASSWORD"],
  ["Password1!"],
  ["P@$$w0rd"],
  ["ｐａｓｓｗｏｒｄ"], // fullwidth letters have the same key
  ["12345678"],
  ["87654321"],
  ["abcdefgh"],
  ["qwertyui"],
  ["qwertyuiop"],
  ["1q2w3e4r"],
  ["iloveyou"],
  ["dragon2024"],
  ["dmbench1"],
  ["        "],
  ["\u00a0\u2003 \u00a0\u2003 \u00a0\u2003"],
  ["aaaaaaaa"],
  ["ååååååååå"],
  ["🙂🙂🙂🙂🙂🙂🙂🙂"],
  ["abababab"],
  ["ada-love"],
  ["ada-love1"],
  ["ADA-LOVEada-love"],
])("refuses %s", (password) => {
  expect(expectedInsteadOf(password, "ada-love")).toEqual(expect.any(String));
});

it.each([
  ["correct horse battery"],
  ["tr0mbone under glass"],
  ["83920174"],
  ["ada-love writes programs"],
  ["пароль из слов"],
])("accepts %s", (password) => {
  expect(expectedInsteadOf(password, "ada-love")).toBeNull();
});

it("accepts random passwords, and refuses any repetition of a few characters", () => {
  const characters = fc.string({
    unit: fc.constantFrom(..."abcdefghijkmnpqrstuvwxyz23456789"),
    minLength: 12,
    maxLength: 40,
  });
  fc.assert(
    fc.property(characters, (text) => {
      // A random text repeats itself with a chance of less than 32⁻⁵.
      fc.pre(new Set(text).size > 5);
      expect(expectedInsteadOf(text, "ada-love")).toBeNull();
    }),
    { numRuns: 1000 },
  );
  const unit = fc
    .string({ unit: "binary", minLength: 1, maxLength: 4 })
    .filter((text) => [...text.normalize("NFKC").toLowerCase()].length <= 4);
  fc.assert(
    fc.property(unit, fc.integer({ min: 8, max: 20 }), (text, times) => {
      expect(expectedInsteadOf(text.repeat(times), "ada-love")).not.toBeNull();
    }),
    { numRuns: 1000 },
  );
});

it("names the field, and never the password", () => {
  const { error } = signUpSchema.safeParse({ name: "ada", password: "Password1" });
  expect(error?.issues.map(({ path, message }) => [path[0], message])).toEqual([
    ["password", "a password that is not one of the most common"],
  ]);
});
