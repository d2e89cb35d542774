/** The gzip reader against members built field by field from RFC 1952. */
import { crc32, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { DatasetError } from "@/lib/datasets";
import { gunzip } from "@/lib/datasets/gzip";

interface Member {
  content: Uint8Array;
  extra: Uint8Array | null;
  name: string | null;
  comment: string | null;
  headerChecksum: boolean;
  text: boolean;
  level: number;
}

const latin1 = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 20,
});
const member: fc.Arbitrary<Member> = fc.record({
  content: fc
    .uint8Array({ maxLength: 300 })
    .chain((piece) =>
      fc.nat(50).map((times) => Uint8Array.from({ length: piece.length * times }, (_, i) => piece[i % piece.length]!)),
    ),
  extra: fc.option(fc.uint8Array({ maxLength: 40 })),
  name: fc.option(latin1),
  comment: fc.option(latin1),
  headerChecksum: fc.boolean(),
  text: fc.boolean(),
  level: fc.integer({ min: 0, max: 9 }),
});

/** A member by RFC 1952, section 2.3. */
function gzipped({ content, extra, name, comment, headerChecksum, text, level }: Member): Buffer {
  const flags =
    Number(text) |
    (Number(headerChecksum) << 1) |
    (Number(extra !== null) << 2) |
    (Number(name !== null) << 3) |
    (Number(comment !== null) << 4);
  const word = (value: number) => Buffer.from([value & 255, value >>> 8]);
  const header = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3]),
    ...(extra === null ? [] : [word(extra.length), extra]),
    ...[name, comment].flatMap((field) => (field === null ? [] : [Buffer.from(`${field}\0`, "latin1")])),
  ]);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(content), 0);
  end.writeUInt32LE(content.length, 4);
  return Buffer.concat([
    header,
    ...(headerChecksum ? [word(crc32(header) & 0xffff)] : []),
    deflateRawSync(content, { level }),
    end,
  ]);
}

const members = fc.array(member, { minLength: 1, maxLength: 4 });
const whole = (parts: readonly Member[]) => Buffer.concat(parts.map(({ content }) => content));
const refused = (bytes: Uint8Array) => expect(gunzip("f", bytes)).rejects.toBeInstanceOf(DatasetError);

it("reads any number of members with any optional fields", async () => {
  await fc.assert(
    fc.asyncProperty(members, async (parts) => {
      const read = await gunzip("f", Buffer.concat(parts.map(gzipped)));
      expect(Buffer.compare(read, whole(parts))).toBe(0);
    }),
    { numRuns: 500 },
  );
});

it("refuses every beginning of a file, and anything after its last member", async () => {
  await fc.assert(
    fc.asyncProperty(members, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 12 }), async (parts, at, rest) => {
      const file = Buffer.concat(parts.map(gzipped));
      const ends = parts.map((_, i) => Buffer.concat(parts.slice(0, i + 1).map(gzipped)).length);
      const cut = 2 + (at % (file.length - 2)); // shorter ones aren't gzip
      if (!ends.includes(cut)) await refused(file.subarray(0, cut));
      await refused(Buffer.concat([file, rest]));
    }),
    { numRuns: 500 },
  );
});

/** The contents of every choice of members, in their order. */
const choices = (parts: readonly Member[]): Buffer[] =>
  Array.from({ length: 2 ** parts.length }, (_, choice) => whole(parts.filter((_, i) => choice & (1 << i))));

it("refuses a changed byte, reads the same, or misses whole members: no checksum has to cover a header", async () => {
  await fc.assert(
    fc.asyncProperty(members, fc.nat(), fc.integer({ min: 1, max: 255 }), async (parts, at, change) => {
      const file = Buffer.concat(parts.map(gzipped));
      file[2 + (at % (file.length - 2))]! ^= change;
      const read = await gunzip("f", file).catch((error: unknown) => {
        expect(error).toBeInstanceOf(DatasetError);
        return null;
      });
      if (read === null) return;
      // The time and its kin change nothing. A greater length of the extra field may end in a later header.
      const possible = parts.length === 1 ? [whole(parts)] : choices(parts);
      expect(possible.some((content) => Buffer.compare(read, content) === 0)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

it("misses a member that the extra field of its header was made to cover, as the format has it", async () => {
  const one = { extra: new Uint8Array(1), name: null, comment: null, headerChecksum: false, text: false, level: 1 };
  const [first, second] = [1, 2].map((byte) => ({ ...one, content: Uint8Array.of(byte) })) as [Member, Member];
  const file = Buffer.concat([first, second].map(gzipped));
  file[10] = gzipped(first).length + 1; // from the end of the first length to that of the second's extra field
  expect([...(await gunzip("f", file))]).toEqual([2]);
});

it("says what is wrong, and stops at its limit", async () => {
  const content = new Uint8Array(3_000_000);
  const plain = { content, extra: null, name: null, comment: null, headerChecksum: false, text: false, level: 9 };
  const file = gzipped(plain);
  await expect(gunzip("f", file.subarray(0, -1))).rejects.toThrow(
    /f: expected a whole gzip stream, found \d+ bytes, cut off\./,
  );
  await expect(gunzip("f", Buffer.concat([file, Buffer.from("PK")]))).rejects.toThrow(
    `f: expected nothing after the ${file.length} bytes of gzip, found 2 bytes of something else.`,
  );
  await expect(gunzip("f", file, { limitBytes: 2 ** 20 })).rejects.toThrow(
    "f: expected at most 1048576 bytes once unpacked",
  );
  file[file.length - 8]! ^= 1;
  await expect(gunzip("f", file)).rejects.toThrow("incorrect data check");
});

it("returns bytes that aren't gzip as they are", async () => {
  const bytes = Uint8Array.of(0, 0, 8, 1);
  expect(await gunzip("f", bytes)).toBe(bytes);
});
