/** The trajectories that policies are scored on; retired ones are not. */
import type { Visibility } from "@/prisma/generated/client";

export const inUse: Visibility[] = ["public", "held_out"];
