/** Measurements in the database: stored once, medians by class, gone with an account, hidden by a maintainer. */
import { expect, it } from "vitest";
import { hideMeasurement, publishMeasurement } from "@/lib/server/measurements/publish";
import { classSpeeds, findMeasurement, recentMeasurements } from "@/lib/server/measurements/read";
import { logPage } from "@/lib/server/moderation/log";
import { deleteAccount, signUp } from "@/lib/server/people/accounts";
import { aMeasurement, around, aSpeed } from "../leaderboard/a-measurement";
import type { Installation } from "./databases";
import { onEachDatabase } from "./databases";

let keys = 0;
const newKey = () => `measurement-key-${++keys}`;

onEachDatabase("measurements", (installation) => {
  const publish = async (
    measurement = aMeasurement(),
    { key = newKey(), userId = null }: { key?: string; userId?: string | null } = {},
    db: Installation["db"] = installation().db,
  ) => publishMeasurement({ idempotencyKey: key, measurement }, userId, db);
  const idOf = (publication: Awaited<ReturnType<typeof publish>>) => {
    if ("refusals" in publication) throw new Error(publication.refusals[0].expected);
    return publication.id;
  };

  it("are stored once for a key, however often they are sent and at once", async () => {
    const { db } = installation();
    const before = await db.measurement.count();
    const key = newKey();
    const answers = await Promise.all([1, 2, 3, 4].map(() => publish(aMeasurement(), { key })));
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect(answers.filter((answer) => "created" in answer && answer.created)).toHaveLength(1);
    expect(await db.measurement.count()).toBe(before + 1);
    expect(await publish(aMeasurement({ cores: 6 }), { key })).toMatchObject({ refusals: [{ reason: "key-reused" }] });
    expect(await findMeasurement(idOf(answers[0]!), db)).toMatchObject(aMeasurement());
  });

  it("store nothing that no machine can do", async () => {
    const { db } = installation();
    const before = await db.measurement.count();
    const impossible = aMeasurement({ speeds: [aSpeed({ imagesPerSecond: around(1e12) })] });
    expect(await publish(impossible)).toMatchObject({ refusals: [{ reason: "invalid" }] });
    expect(await db.measurement.count()).toBe(before);
  });

  it("have a median, quartiles, a count and the newest version for each class and network", async () => {
    const { db } = installation();
    const machine = { browser: "Firefox", system: "macOS", cores: 10 };
    for (const [index, median] of [100, 500, 200, 400, 300].entries())
      await publish(
        aMeasurement({
          ...machine,
          version: `0.2.${index}`,
          browserVersion: 130 + index, // the same class in every version of a browser
          speeds: [
            aSpeed({ threads: 10, imagesPerSecond: around(median) }),
            aSpeed({ backend: "webgpu", threads: 1, adapter: "Apple M4", imagesPerSecond: around(10 * median) }),
          ],
        }),
      );
    await publish(
      aMeasurement({
        cores: 16, // another machine with the same GPU
        speeds: [aSpeed({ backend: "webgpu", threads: 1, adapter: "Apple M4", imagesPerSecond: around(9000) })],
      }),
    );
    const rows = await classSpeeds(db);
    expect(rows.filter(({ browser }) => browser === "Firefox")).toEqual([
      {
        ...{ network: "mlp", backend: "wasm", adapter: null, software: false, threads: 10, ...machine },
        ...{ median: 300, low: 200, high: 400, n: 5, version: "0.2.4" },
      },
    ]);
    expect(rows.filter(({ adapter }) => adapter === "Apple M4")).toMatchObject([
      {
        network: "mlp",
        backend: "webgpu",
        browser: null,
        system: null,
        cores: null,
        threads: null,
        median: 3500,
        n: 6,
      },
    ]);
  });

  it("are listed newest first, page by page, without whose they are", async () => {
    const { db } = installation();
    const made = [];
    for (let cores = 1; cores <= 5; cores++) made.unshift(idOf(await publish(aMeasurement({ cores }))));
    const first = await recentMeasurements({ take: 3 }, db);
    const second = await recentMeasurements({ take: 2, after: first.at(-1)!.id }, db);
    expect([...first, ...second].map(({ id }) => id)).toEqual(made);
    expect(Object.keys(first[0]!).sort()).toEqual(
      ["browser", "browserVersion", "cores", "createdAt", "id", "speeds", "system", "version"].sort(),
    );
  });

  it("go with the account of whoever was signed in, and leave the medians; others stay", async () => {
    const { db } = installation();
    const made = await signUp({ name: "measurer", password: "correct horse battery" }, db);
    if (!("user" in made)) throw new Error("no account");
    const system = "Android";
    const theirs = idOf(await publish(aMeasurement({ system }), { userId: made.user.id }));
    const anonymous = idOf(await publish(aMeasurement({ system })));
    const n = async () => (await classSpeeds(db)).find((row) => row.system === system)?.n;
    expect(await n()).toBe(2);
    await deleteAccount(made.user.id, db);
    expect(await findMeasurement(theirs, db)).toBeNull();
    expect(await findMeasurement(anonymous, db)).not.toBeNull();
    expect(await db.measuredSpeed.count({ where: { measurementId: theirs } })).toBe(0);
    expect(await n()).toBe(1);
    const log = await logPage({ take: 10, subject: "measurement", subjectId: theirs }, db);
    expect(log).toMatchObject([{ action: "measurement.published", actor: null }]);
  });

  it("can be hidden by a maintainer, once, with the reason in the log; they are kept", async () => {
    const { db } = installation();
    const made = await signUp({ name: "keeper", password: "correct horse battery" }, db);
    if (!("user" in made)) throw new Error("no account");
    const options = { reason: "A clock that stood still.", maintainerId: made.user.id };
    const id = idOf(await publish(aMeasurement({ system: "ChromeOS" })));
    expect([await hideMeasurement(id, options, db), await hideMeasurement(id, options, db)]).toEqual([true, true]);
    expect(await hideMeasurement("01890000-0000-7000-8000-000000000000", options, db)).toBe(false);
    expect(await findMeasurement(id, db)).toBeNull();
    expect((await classSpeeds(db)).some(({ system }) => system === "ChromeOS")).toBe(false);
    expect((await recentMeasurements({ take: 100 }, db)).some((row) => row.id === id)).toBe(false);
    expect(await db.measurement.count({ where: { id } })).toBe(1);
    expect((await logPage({ take: 10, subject: "measurement", subjectId: id }, db))[0]).toMatchObject({
      action: "measurement.hidden",
      actor: "keeper",
      detail: { reason: options.reason },
    });
    expect(await logPage({ take: 10, subject: "measurement", subjectId: id }, db)).toHaveLength(2);
  });
});
