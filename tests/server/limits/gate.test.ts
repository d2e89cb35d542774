import fc from "fast-check";
import { expect, it } from "vitest";
import type { Arrival } from "@/lib/server/limits/gate";
import { Gate } from "@/lib/server/limits/gate";

const arrival: fc.Arbitrary<Arrival> = fc.record({
  kind: fc.constantFrom("write" as const, "read" as const),
  token: fc.constantFrom(null, "a", "b"),
  address: fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3"),
});

it("lets nobody have more requests in progress than its places, and gives every place back", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(arrival, fc.integer({ min: 1, max: 200 })), { minLength: 1, maxLength: 12 }),
      (waves) => {
        const gate = new Gate();
        const inside: (Arrival & { leave: () => void })[] = [];
        for (const [one, times] of waves) {
          for (let i = 0; i < times; i += 1) {
            const entered = gate.enter(one);
            if ("leave" in entered) inside.push({ ...one, leave: entered.leave });
          }
          const writes = inside.filter(({ kind }) => kind === "write");
          for (const token of ["a", "b"])
            expect(writes.filter((request) => request.token === token).length).toBeLessThanOrEqual(32);
          for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
            expect(writes.filter((request) => request.address === address).length).toBeLessThanOrEqual(64);
        }
        for (const { leave } of inside) leave();
        const again = Array.from({ length: 33 }, () =>
          gate.enter({ kind: "write", token: "a", address: "10.0.0.1" }),
        ).map((entered) => ("full" in entered ? entered.full : null));
        expect(again).toEqual([...Array<null>(32).fill(null), "token"]);
      },
    ),
    { numRuns: 200 },
  );
});
