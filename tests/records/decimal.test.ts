import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wholeNumberSchema } from "@/lib/records";

describe("a whole number that comes as text", () => {
  it("is taken in decimal, within its range", () => {
    fc.assert(
      fc.property(fc.integer({ min: -30, max: 30 }), (n) => {
        const parsed = wholeNumberSchema(-5, 20).safeParse(String(n));
        expect(parsed.success).toBe(n >= -5 && n <= 20);
        if (parsed.success) expect(parsed.data).toBe(n);
      }),
    );
  });

  it.each(["", " ", "0x10", "0b1", "1_0", "1.5", "NaN", "Infinity", "one", "1e400", "1e-400", null, true, [1], {}])(
    "is not %j",
    (value) => {
      const { error } = wholeNumberSchema(0, 20).safeParse(value);
      expect(error?.issues[0]?.message).toMatch(/number|integer/);
    },
  );
});
