import fc from "fast-check";
import { expect, it } from "vitest";
import { hasCronSecret } from "@/lib/server/limits/cron-secret";

const sent = (authorization?: string) => new Headers(authorization === undefined ? {} : { authorization });
const secret = "a secret of some length";

it("lets in whoever sends the secret, and nobody without one in the settings", () => {
  expect(hasCronSecret(sent(`Bearer ${secret}`), secret)).toBe(true);
  expect(hasCronSecret(sent(`bearer ${secret}`), secret)).toBe(true);
  for (const authorization of [
    undefined,
    "",
    "Bearer",
    "Bearer ",
    secret,
    `Basic ${secret}`,
    `Bearer ${secret} `.slice(1),
  ])
    for (const set of [secret, ""]) expect(hasCronSecret(sent(authorization), set)).toBe(false);
  expect(hasCronSecret(sent("Bearer undefined"))).toBe(false); // the settings of tests have none
});

it("lets in nobody with another secret, whatever its length", () => {
  const text = fc.string({ unit: "grapheme-ascii", maxLength: 60 }).filter((other) => other.trim() !== secret);
  fc.assert(fc.property(text, (other) => !hasCronSecret(sent(`Bearer ${other}`), secret)));
});
