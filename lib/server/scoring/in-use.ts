/** The trajectories that policies are scored on: not retired ones, nor those of which only the results are here. */
import type { Visibility } from "@/prisma/generated/client";

export const inUse: Visibility[] = ["public", "held_out"];
