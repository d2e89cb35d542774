/**
 * Submits a momentum policy: its document is parsed, canonicalized and checked on every step of its benchmarks; then
 * its row and its scoring jobs are stored together. Resubmitting a document returns the existing policy and scores it
 * where scores are missing.
 */
import "server-only";
import { canonicalPolicy, policyHash } from "@/lib/dmbn/policy";
import type { PolicySubmission, Refusal } from "@/lib/leaderboard";
import { policyRule, policyRulesVersion, policySlug, scoredAtOnce } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import { bumpRevisions } from "../boards/revisions";
import type { Database } from "../database/client";
import { isUniqueViolation } from "../database/errors";
import { requireQuota } from "../limits/quotas";
import { lookAlikeKey } from "../look-alike";
import { inUse } from "../scoring/in-use";
import { enqueue } from "../scoring/jobs";
import type { Scorer } from "../scoring/scorer";
import { checkSteps, readDocument, unknownBenchmark } from "./check-document";
import { isBuiltInName, lockNames, printNames } from "./names";

export interface SubmittingParts {
  db: PrismaClient;
  /** The scorer of the prompt lane. */
  scorer: Scorer;
}

export type PolicyPlacement =
  | { id: string; slug: string; hash: string /** False if the document was submitted before. */; created: boolean }
  | { refusals: [Refusal, ...Refusal[]] };

/**
 * Stores a policy of `userId` and enqueues its scoring. A refused submission stores nothing.
 * @throws QuotaExceeded
 */
export async function addPolicy(
  submission: PolicySubmission,
  userId: string,
  { db, scorer }: SubmittingParts,
): Promise<PolicyPlacement> {
  const read = readDocument(submission.document);
  if ("refusals" in read) return read;
  const { policy } = read;
  const benchmarks = await chooseBenchmarks(submission.benchmarks, db);
  if ("refusals" in benchmarks) return benchmarks;
  const forkOf =
    submission.forkOf === null
      ? null
      : await db.policy.findFirst({
          where: { slug: submission.forkOf, hiddenAt: null },
          select: { id: true, hash: true },
        });
  if (submission.forkOf !== null && !forkOf) {
    return {
      refusals: [
        {
          reason: "unknown-policy",
          field: "forkOf",
          expected: "a policy of /api/v1/policies",
          found: submission.forkOf,
          remedy: "Name a policy that exists, or leave forkOf out.",
        },
      ],
    };
  }
  const refusal = await checkSteps(policy, benchmarks, scorer);
  if (refusal) return { refusals: [refusal] };

  const hash = policyHash(policy);
  const jobs = benchmarks.map(({ id, recipe }) => ({
    kind: "score" as const,
    lane: scoredAtOnce(recipe) ? ("prompt" as const) : ("background" as const),
    benchmarkId: id,
  }));
  for (;;) {
    const existing = await db.policy.findUnique({ where: { hash }, select: { id: true, slug: true, hiddenAt: true } });
    if (existing?.hiddenAt) {
      return {
        refusals: [
          {
            reason: "removed",
            field: "document",
            expected: "a policy that was not removed",
            found: existing.slug,
            remedy: "See /log for the reason.",
          },
        ],
      };
    }
    if (existing) {
      await enqueueScoring(existing.id, jobs, db);
      return { id: existing.id, slug: existing.slug, hash, created: false };
    }
    if (isBuiltInName(submission.name))
      return {
        refusals: [
          {
            reason: "name-taken",
            field: "name",
            expected: "a name that no built-in policy's looks like",
            found: submission.name,
            remedy: "Choose a name that says what is different about this policy.",
          },
        ],
      };
    const { name, description, reference } = submission;
    const slug = await freeSlug(name, hash, db);
    const nameKey = lookAlikeKey(name);
    try {
      const id = await db.$transaction(async (tx) => {
        await requireQuota(tx, "policies", userId);
        await lockNames(tx, [nameKey]);
        const row = await tx.policy.create({
          data: {
            slug,
            hash,
            name,
            givenName: name,
            nameKey,
            description,
            rule: policyRule(policy),
            kind: policy.kind,
            document: JSON.parse(canonicalPolicy(policy)) as object,
            sourceTitle: reference?.title ?? null,
            sourceUrl: reference?.url ?? null,
            authorId: userId,
            forkOfId: forkOf?.id ?? null,
            rulesVersion: policyRulesVersion,
          },
          select: { id: true },
        });
        await tx.logEntry.create({
          data: {
            action: "policy.added",
            subject: "policy",
            subjectId: row.id,
            actorId: userId,
            detail: { slug, hash, forkOf: submission.forkOf },
          },
        });
        await enqueueScoring(row.id, jobs, tx);
        await bumpRevisions(tx, await printNames(tx, [nameKey]));
        return row.id;
      });
      return { id, slug, hash, created: true };
    } catch (error) {
      // The same document or slug was stored concurrently: look it up again.
      if (!isUniqueViolation(error)) throw error;
    }
  }
}

interface ScorableBenchmark {
  id: string;
  slug: string;
  recipe: Recipe;
}

/** The newest versions of the named benchmarks, or of all that have reference trajectories. */
async function chooseBenchmarks(
  slugs: readonly string[] | undefined,
  db: Database,
): Promise<ScorableBenchmark[] | { refusals: [Refusal, ...Refusal[]] }> {
  const rows = await db.benchmark.findMany({
    distinct: ["slug"],
    orderBy: [{ slug: "asc" }, { version: "desc" }],
    select: {
      id: true,
      slug: true,
      recipe: true,
      _count: { select: { trajectories: { where: { damage: null, visibility: { in: inUse } } } } },
    },
  });
  const scorable = rows.filter(({ _count }) => _count.trajectories > 0);
  const list = scorable.map(({ slug }) => slug).join(", ") || "none yet";
  const refusals = (slugs ?? []).flatMap((slug, index): Refusal[] => {
    const field = `benchmarks[${index}]`;
    if (!rows.some((row) => row.slug === slug)) return [unknownBenchmark(field, slug)];
    if (scorable.some((row) => row.slug === slug)) return [];
    return [
      {
        reason: "no-trajectories",
        field,
        expected: `a benchmark with reference runs on this site: ${list}`,
        found: slug,
        remedy:
          "Choose one of these; whoever runs the site can record more: " +
          `npm run -s dmbench -- trajectory --benchmark ${slug}`,
      },
    ];
  });
  if (scorable.length === 0 && refusals.length === 0) {
    refusals.push({
      reason: "no-trajectories",
      field: "benchmarks",
      expected: "a benchmark with reference runs",
      found: list,
      remedy: "The site has only just started: try again in a moment.",
    });
  }
  if (refusals.length > 0) return { refusals: refusals as [Refusal, ...Refusal[]] };
  return scorable
    .filter(({ slug }) => slugs?.includes(slug) ?? true)
    .map(({ id, slug, recipe }) => ({ id, slug, recipe: recipe as Recipe }));
}

async function freeSlug(name: string, hash: string, db: Database): Promise<string> {
  const slug = policySlug(name) ?? `policy-${hash.slice(0, 8)}`;
  const taken = await db.policy.count({ where: { slug } });
  return taken ? `${slug.slice(0, 49)}-${hash.slice(0, 8)}` : slug;
}

async function enqueueScoring(
  policyId: string,
  jobs: readonly { kind: "score"; lane: "prompt" | "background"; benchmarkId: string }[],
  tx: Database,
): Promise<void> {
  await enqueue(
    tx,
    jobs.map((job) => ({ ...job, policyId })),
  );
}
