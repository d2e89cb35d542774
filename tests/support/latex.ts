/** pdfLaTeX and BibTeX for the tests. */
import { spawnSync } from "node:child_process";

/** Whether there are pdflatex, bibtex and the booktabs package. */
export const hasLatex = (): boolean =>
  [
    ["pdflatex", "--version"],
    ["bibtex", "--version"],
    ["kpsewhich", "booktabs.sty"],
  ].every(([program, argument]) => spawnSync(program!, [argument!]).status === 0);

/** Compiles `name.tex` in `folder`, and `name.bib` if `bibliography`. @throws Error with the end of the log if it fails */
export function compileLatex(folder: string, name: string, { bibliography = false } = {}): string {
  const run = (program: string, ...argv: string[]) => {
    const { status, stdout } = spawnSync(program, argv, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(`${program} failed:\n${stdout.slice(-3000)}`);
    return stdout;
  };
  const latex = () => run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", `${name}.tex`);
  let log = latex();
  if (bibliography) {
    log += run("bibtex", name);
    log += latex();
  }
  return log;
}
