/** What a client sends to submit a momentum policy, and the slug that the policy gets. */
import { z } from "zod";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { describeRecalibration, estimatorsOf, usesLabels } from "@/lib/dmbn/policy";
import { textSchema } from "@/lib/records";
import { referenceVariants } from "./reference";

/** The largest body in bytes, of a submission or a trial. */
export const policySubmissionBytes = 64 * 1024;

const webAddress = z.url({ protocol: /^https?$/, hostname: z.regexes.domain, normalize: true }).max(2000);

export const policySubmissionSchema = z.strictObject({
  /** A policy document, parsed by `lib/dmbn/policy`. */
  document: z.unknown(),
  name: textSchema({ max: 80 }),
  description: textSchema({ min: 0, max: 2000, lines: true }).default(""),
  /** Where the rule comes from. */
  reference: z
    .strictObject({ title: textSchema({ max: 300 }), url: webAddress.nullable().default(null) })
    .nullable()
    .default(null),
  /** Slug of the policy that this one was forked from. */
  forkOf: textSchema({ max: 64 }).nullable().default(null),
  /** Slugs of the benchmarks to score on. Default: all that have reference runs here. */
  benchmarks: z
    .array(textSchema({ max: 64 }))
    .min(1)
    .max(64)
    .optional(),
});

export type PolicySubmission = z.infer<typeof policySubmissionSchema>;

/** What a client sends to score a document on public runs, which keeps nothing. */
export const policyTrialSchema = z.strictObject({
  /** A policy document, parsed by `lib/dmbn/policy`. */
  document: z.unknown(),
  /** Slug of the benchmark; its newest version. */
  benchmark: textSchema({ max: 64 }),
  variant: z.enum(referenceVariants).default("bn"),
});

export type PolicyTrial = z.infer<typeof policyTrialSchema>;

/** Path segments under /policies that belong to other pages. */
const reserved = new Set(["new"]);

/** A name's slug: at most 56 lower-case letters, digits and hyphens; null if nothing is left of the name. */
export function policySlug(name: string): string | null {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const slug = plain
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 56)
    .replace(/^-+|-+$/g, "");
  return slug === "" || reserved.has(slug) ? null : slug;
}

const costNames = { "estimation-shift": "shift", loss: "loss", accuracy: "errors" } as const;

/** A policy's rule in one line. */
export function policyRule(policy: MomentumPolicy): string {
  switch (policy.kind) {
    case "schedule":
      return policy.varianceMomentum === null
        ? policy.momentum
        : `mean ${policy.momentum}; variance ${policy.varianceMomentum}`;
    case "select":
      if (policy.by === "drift") return "1 − βₗ = ∛(4ρₗ²/sₗ²)";
      return (
        `least ${costNames[policy.by]} of ${policy.candidates.length * estimatorsOf(policy).length} candidates, ` +
        `each ${policy.granularity}${usesLabels(policy) ? "; uses labels" : ""}`
      );
    case "recalibrate":
      return `measured ${describeRecalibration(policy)}`;
  }
}
