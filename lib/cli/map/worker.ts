/** The worker process of a map: runs its cells. */
import { serveCells } from "../cells/worker";
import { runMapCell } from "./cell";

serveCells(runMapCell);
