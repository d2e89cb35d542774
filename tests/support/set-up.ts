/**
 * What the tests need beyond npm: Chromium, PostgreSQL, PgBouncer, LaTeX and Python with NumPy and PyTorch. Uses what is installed, else
 * Debian's packages if we may install them, else (Chromium) Playwright's.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { findChromium } from "./chromium";
import { hasLatex } from "./latex";
import { findPgBouncer } from "./pgbouncer";
import { findPostgres } from "./postgres";
import { findPython } from "./python";

const needs = {
  Chromium: {
    present: async () => Boolean(await findChromium()),
    debianPackages: ["chromium"],
    without: "the end-to-end tests and those on WebGPU are skipped",
    remedy: "apt-get install chromium, or npx playwright install --with-deps chromium",
  },
  PostgreSQL: {
    present: async () => Boolean(findPostgres()),
    debianPackages: ["postgresql"],
    without: "the tests of lib/server run on the embedded database alone",
    remedy: "apt-get install postgresql",
  },
  PgBouncer: {
    present: async () => findPgBouncer(),
    debianPackages: ["pgbouncer"],
    without: "the tests of several instances connect to PostgreSQL directly",
    remedy: "apt-get install pgbouncer",
  },
  LaTeX: {
    present: async () => hasLatex(),
    debianPackages: ["texlive-latex-base", "texlive-latex-recommended"], // booktabs is in the latter
    without: "exported tables and citations are not compiled",
    remedy: "apt-get install texlive-latex-base texlive-latex-recommended",
  },
  NumPy: {
    present: async () => Boolean(findPython("numpy")),
    debianPackages: ["python3-numpy"],
    without: "replay and the reproduction of a score in Python, and policies exported as Keras programs, are not run",
    remedy: "apt-get install python3-numpy, or pip install numpy",
  },
  PyTorch: {
    present: async () => Boolean(findPython("torch")),
    debianPackages: ["python3-torch", "libopenblas0"], // without the latter it multiplies with plain loops
    without: "policies exported as PyTorch programs, dmbn.py on a network of one's own, and its notebook are not run",
    remedy: "apt-get install python3-torch, or pip install torch",
  },
};
type Need = keyof typeof needs;

/** Something that is missing here, what is skipped without it and how to get it. */
export interface Missing {
  what: Need;
  without: string;
  remedy: string;
}

/** Installs what is missing, as far as it may, and returns what is still missing. */
export async function setUp(): Promise<Missing[]> {
  const absent = await absentNeeds();
  if (absent.length > 0 && mayInstallPackages()) {
    // Either may fail without a network; what is there afterwards counts.
    run("apt-get", "update", "--quiet");
    for (const need of absent)
      run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", ...needs[need].debianPackages);
  }
  if (!(await needs.Chromium.present())) run("npx", "playwright", "install", "chromium");
  return (await absentNeeds()).map((what) => ({ what, without: needs[what].without, remedy: needs[what].remedy }));
}

async function absentNeeds(): Promise<Need[]> {
  const names = Object.keys(needs) as Need[];
  const present = await Promise.all(names.map((need) => needs[need].present()));
  return names.filter((_, index) => !present[index]);
}

/** Only root on Debian: elsewhere a package of that name may be something else, or need a password. */
function mayInstallPackages(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    return /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

function run(command: string, ...options: string[]): void {
  spawnSync(command, options, {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: 240_000,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
