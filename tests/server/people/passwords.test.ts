import { scryptSync } from "node:crypto";
import { expect, it } from "vitest";
import { signUpSchema } from "@/lib/server/people/accounts";
import { checkPassword, hashPassword } from "@/lib/server/people/passwords";

it("stores scrypt$N$r$p$salt$key, with a new salt each time", async () => {
  const [first, second] = await Promise.all([hashPassword("password"), hashPassword("password")]);
  expect(first).not.toBe(second);
  const [name, N, r, p, salt, key] = first!.split("$") as [string, string, string, string, string, string];
  expect([name, N, r, p]).toEqual(["scrypt", "32768", "8", "3"]);
  expect(Buffer.from(salt, "base64url")).toHaveLength(16);
  const expected = scryptSync("password", Buffer.from(salt, "base64url"), 32, {
    N: 32768,
    r: 8,
    p: 3,
    maxmem: 2 ** 27,
  });
  expect(key).toBe(expected.toString("base64url"));
});

it("accepts only the right password, at any stored cost", async () => {
  // RFC 7914, §12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), its first 32 bytes.
  const key = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
  const salt = Buffer.from("SodiumChloride").toString("base64url");
  const stored = `scrypt$16384$8$1$${salt}$${Buffer.from(key, "hex").toString("base64url")}`;
  expect(await checkPassword("pleaseletmein", stored)).toBe(true);
  expect(await checkPassword("pleaseletmeim", stored)).toBe(false);
  expect(await checkPassword("", stored)).toBe(false);
  expect(await checkPassword("anything", null)).toBe(false);
});

it("accepts the same characters in any Unicode composition", async () => {
  expect(await checkPassword("cafe\u0301 terrace", await hashPassword("caf\u00e9 terrace"))).toBe(true);
});

it.each([
  [{ name: "a", password: "long enough" }, "name"],
  [{ name: "-ada", password: "long enough" }, "name"],
  [{ name: "ada/../bob", password: "long enough" }, "name"],
  [{ name: "ada", password: "7 chars" }, "password"],
  [{ name: "ada", password: "long enough ".repeat(22) }, "password"],
  [{ name: "ada" }, "password"],
])("refuses to sign up %j, naming the field", (signUp, field) => {
  expect(signUpSchema.safeParse(signUp).error?.issues.map(({ path }) => path[0])).toEqual([field]);
});
