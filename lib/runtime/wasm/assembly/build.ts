/**
 * `npm run build:wasm`: compiles this folder with AssemblyScript and writes the
 * program, in base64, to `lib/runtime/wasm/binary.ts`: once for a heap of its
 * own, once for a heap that threads share.
 */

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const folder = fileURLToPath(new URL(".", import.meta.url));
export const binaryFile = fileURLToPath(new URL("../binary.ts", import.meta.url));

const settings = [
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--initialMemory",
  "1",
  "--enable",
  "simd",
  "--enable",
  "bulk-memory",
];

/** @throws Error with the compiler's message */
async function compile(extra: readonly string[]): Promise<string> {
  let program: Uint8Array | undefined;
  const { error, stderr } = await asc.main(["index.ts", "--outFile", "program.wasm", ...settings, ...extra], {
    readFile: (name, base) => readFile(`${base.startsWith("/") ? base : folder}/${name}`, "utf8").catch(() => null),
    writeFile: (_name, contents) => {
      program = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !program) throw new Error(`AssemblyScript: ${error?.message ?? "no program"}\n${stderr.toString()}`);
  return Buffer.from(program).toString("base64");
}

/** The text of `binary.ts`. */
export async function binaryText(): Promise<string> {
  const [plain, shared] = [
    await compile([]),
    await compile(["--enable", "threads", "--sharedMemory", "--maximumMemory", "65536"]),
  ];
  return `/** Written by \`npm run build:wasm\` from \`assembly/\`; not to be edited. */
export const plainProgram = "${plain}";
export const sharedProgram = "${shared}";
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(binaryFile, await binaryText());
