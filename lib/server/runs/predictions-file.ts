/** Reads the file of predictions that a run was published with. */
import "server-only";
import { decodeSafetensors } from "@/lib/records";

/** Class id of each test example, by method. */
export const predictionsIn = (file: Uint8Array): Map<string, Uint8Array> =>
  new Map(
    decodeSafetensors(file).tensors.map(({ name, values }) => [name, Uint8Array.from(values as ArrayLike<number>)]),
  );
