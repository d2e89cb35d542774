/** The worker process of a study: runs its cells. */
import { serveCells } from "../cells/worker";
import { runCell } from "./cell";

serveCells(runCell);
