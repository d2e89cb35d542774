/** The cells of a plan: every regime, variant and seed, with a hash of all that decides what it gives. */
import { createHash } from "node:crypto";
import { policyHash } from "@/lib/dmbn/policy";
import type { Reading } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";
import { DMBENCH_VERSION } from "@/lib/records";
import { planRun } from "@/lib/training";
import { openDataset } from "../data-folders";
import { checkingSettings } from "../exit";
import type { Terminal } from "../terminal";

/** A data set, network and recipe under one name, and what is scored on it. */
export interface Regime {
  slug: string;
  recipe: Recipe;
  /** The policies to score. Those that need a trace are skipped in runs whose trace is too large to keep. */
  policies: readonly Reading[];
  /** How many seeds of it, where the plan says nothing else. */
  seeds?: number;
  /** The steps after which the policies are scored; left out: at the end alone. */
  scoredAt?: readonly number[];
}

export interface CellSettings {
  regime: Regime;
  variant: Variant;
  seed: number;
  /** A cell that is kept is run again only if it differs. */
  settingsHash: string;
}

export const nameOf = ({ regime, variant, seed }: CellSettings) => `${regime.slug} ${variant} seed ${seed}`;
export const fileOf = ({ regime, variant, seed }: CellSettings) => `${regime.slug}.${variant}.${seed}.json.gz`;

/** Consecutive seeds. */
export interface Seeds {
  first: number;
  count: number;
}

/**
 * Every cell with its settings hash, seed after seed, so that work that is stopped has some seeds of every regime.
 * Refuses a cell that can't be planned before anything is trained.
 * @param seedsOf the seeds of a regime: how many, and the first
 */
export async function planCells(
  regimes: readonly Regime[],
  variants: readonly Variant[],
  seedsOf: (regime: Regime) => Seeds,
  terminal: Terminal,
): Promise<CellSettings[]> {
  const cells: CellSettings[] = [];
  const slugs = [...new Set(regimes.map(({ recipe }) => recipe.dataset))];
  for (const slug of slugs) {
    const dataset = await openDataset(slug, terminal);
    for (const regime of regimes.filter(({ recipe }) => recipe.dataset === slug)) {
      const policies = regime.policies.map(({ slug, document }) => [slug, policyHash(document)]);
      for (const variant of variants) {
        checkingSettings(() => planRun({ recipe: regime.recipe, variant, seed: 0, dataset }));
        const { first, count } = seedsOf(regime);
        for (let seed = first; seed < first + count; seed++) {
          const settings = [DMBENCH_VERSION, regime.slug, regime.recipe, variant, seed, dataset.hash, policies];
          cells.push({
            regime,
            variant,
            seed,
            settingsHash: createHash("sha256")
              .update(JSON.stringify([...settings, ...(regime.scoredAt ?? [])]))
              .digest("hex"),
          });
        }
      }
    }
  }
  return cells.sort((a, b) => a.seed - b.seed);
}
