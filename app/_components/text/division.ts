/** Labels of the divisions of a board: who computed the results. */
import type { Division } from "@/lib/leaderboard";

export const divisionLabels: Record<Division, string> = {
  closed: "recomputed by the server",
  open: "runs by users",
};
