/** The API's errors: problem details, RFC 9457, with an issue for each field that is wrong. */
import { z } from "zod";
import type { Refusal } from "@/lib/leaderboard";
import { subjectNames } from "@/lib/leaderboard";
import type { Issue } from "@/lib/records";
import { formatIssue, issueSchema, repairText } from "@/lib/records";
import type { Subject } from "@/lib/server/moderation/moderate";
import { findSubject } from "@/lib/server/moderation/moderate";
import { accountHeader } from "./account-header";

/** The body of every error response. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(issueSchema),
  })
  .meta({
    id: "Problem",
    description: "What is wrong, RFC 9457: in words, and field by field with the way to mend it.",
  });

export interface Problem {
  status: number;
  /** The last part of the type, `urn:dmbench:problem:…`. */
  kind: string;
  title: string;
  detail: string;
  errors?: readonly Issue[];
  headers?: HeadersInit;
}

/** An error response. */
export function problem({ status, kind, title, detail, errors = [], headers }: Problem): Response {
  const body = { type: `urn:dmbench:problem:${kind}`, title, status, detail, errors: [...errors] } satisfies z.output<
    typeof problemSchema
  >;
  return Response.json(body, {
    status,
    headers: {
      "cache-control": "no-store",
      ...Object.fromEntries(new Headers(headers)),
      "content-type": "application/problem+json",
    },
  });
}

const statuses: Partial<Record<Refusal["reason"], number>> = {
  "key-reused": 409,
  "key-of-another": 409,
  "name-taken": 409,
  "dataset-unavailable": 503,
  "no-trajectories": 503,
  "no-public-runs": 409,
  "scored-later": 409,
  removed: 410,
  "too-many": 409,
  "not-appealable": 409,
  "already-flagged": 409,
};

/** The response to a refused request; its status and type are those of the first refusal. */
export function refused(refusals: readonly [Refusal, ...Refusal[]]): Response {
  const [first] = refusals;
  return problem({
    status: statuses[first.reason] ?? 422,
    kind: first.reason,
    title: "Not accepted; nothing was stored",
    detail: formatIssue(first),
    errors: refusals.map(({ reason: _, ...issue }) => issue),
  });
}

/** 429 with the seconds to wait. Nothing was done, and no quota was consumed. */
export const tooMany = (kind: "rate-limited" | "quota-spent", retryAfterSeconds: number, detail: string): Response =>
  problem({
    status: 429,
    kind,
    title: "Too many; nothing was stored",
    detail,
    headers: { "retry-after": String(retryAfterSeconds) },
  });

/** 404, with the address of a list of what exists. */
export const notFound = (what: string, list: string): Response =>
  problem({ status: 404, kind: "not-found", title: "Not found", detail: `There is no ${what} here. See ${list}.` });

const lists = { run: "/api/v1/runs", policy: "/api/v1/policies", external: "/api/v1/external" } as const;

/** 404, or 410 with a link to the reasons for something that was removed. */
export async function gone(kind: Subject["kind"], id: string): Promise<Response> {
  const subject = await findSubject(kind, id);
  if (!subject?.hidden) return notFound(`${subjectNames[kind]} of this name`, lists[kind]);
  return problem({
    status: 410,
    kind: "removed",
    title: "Removed",
    detail: `This ${subjectNames[kind]} was removed. The reasons: /log?subject=${kind}&subjectId=${subject.id}`,
  });
}

/** 503: a stored file is gone or has changed. It is never served: a client would keep what it gets for good. */
export const damaged = (detail: string): Response =>
  problem({
    status: 503,
    kind: "file-damaged",
    title: "This site's copy is damaged",
    detail: `${detail} Nothing of it was sent; the site's maintainers can restore it.`,
  });

/** 401, with how to sign in. */
export const notSignedIn = (): Response =>
  problem({
    status: 401,
    kind: "not-signed-in",
    title: "Sign in first",
    detail: "Sign in at /signin, or send a token of /settings: Authorization: Bearer dmb_…",
    headers: { "www-authenticate": 'Bearer realm="DMBench", sign-in="/signin"' },
  });

/** 409 for a write in the name of an account that is not the caller's. */
export function otherAccount(named: string, caller: string): Response {
  const issue = {
    field: accountHeader,
    expected: `${caller}, who is signed in`,
    found: repairText(named, 64),
    remedy: `Sign in as that account, or send it again as ${caller}.`,
  };
  return problem({
    status: 409,
    kind: "other-account",
    title: "Somebody else is signed in; nothing was stored",
    detail: formatIssue(issue),
    errors: [issue],
  });
}

/** 403 with the reason. */
export const forbidden = (kind: string, detail: string, errors: readonly Issue[] = []): Response =>
  problem({ status: 403, kind, title: "Not allowed", detail, errors });

/** 403 for every write to a mirror of `site`. */
export const readOnlyMirror = (site: string): Response =>
  forbidden("read-only-mirror", `This site is a read-only mirror of ${site}. Nothing was stored; send it there.`);
