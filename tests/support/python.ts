/** A Python that has numpy: the one of this shell, else Debian's. */
import { spawnSync } from "node:child_process";

/** The program's name or path; undefined where there is none. */
export const findPython = (): string | undefined =>
  ["python3", "/usr/bin/python3"].find((program) => spawnSync(program, ["-c", "import numpy"]).status === 0);
