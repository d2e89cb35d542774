/**
 * Work that many ask for at once. Who asks while it is being done waits for the
 * next time, which all of them share: what is then done knows what each had changed.
 */
import "server-only";

export class Turns<Result> {
  #busy: Promise<void> | null = null;
  #next: Promise<Result> | null = null;

  /** @param restAfter milliseconds of pause after work that took so many, before the next time */
  constructor(
    private readonly work: () => Promise<Result>,
    private readonly restAfter: (workMs: number) => number = () => 0,
  ) {}

  /** Whether work would begin at once. */
  get free(): boolean {
    return this.#busy === null;
  }

  ask(): Promise<Result> {
    if (this.#busy) return (this.#next ??= this.#busy.then(() => this.ask()));
    const from = performance.now();
    const current = this.work();
    const done = async () => {
      const rest = this.restAfter(performance.now() - from);
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      this.#busy = this.#next = null;
    };
    this.#busy = current.then(done, done);
    return current;
  }
}
