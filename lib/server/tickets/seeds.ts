/** The seeds that boards give out. */
import "server-only";
import { createHmac } from "node:crypto";

/**
 * The seed of a benchmark's ticket, from 0 to 2^32 − 1: nobody without the site's secret can tell which one comes next.
 * Two numbers rarely have the same one; the later of them is then left out.
 * @param number from 1
 */
export const ticketSeed = (secret: string, benchmarkId: string, number: number): number =>
  createHmac("sha256", secret).update(`ticket ${benchmarkId} ${number}`).digest().readUInt32BE();
