/** Tickets: seeds that boards give out, so that nobody chooses the seed of a run that ranks. */
import type { RunRecord } from "@/lib/records";
import type { Refusal } from "./refusal";

/** How long a run may take to be reported, in days. */
export const ticketDays = 7;

/** Unreported tickets that an account may hold of one benchmark at a time. */
export const openTicketsAtMost = 20;

/** What the server knows of the ticket that a submission names. */
export interface TicketFacts {
  benchmark: { slug: string; version: number };
  seed: number;
  expiresAt: Date;
  expired: boolean;
  /** Whether it belongs to another account. */
  ofAnother: boolean;
  /** Whether a run of the submission's variant was published with it before. */
  used: boolean;
}

/** How many of the seeds that a board, or all boards to one account, gave out were reported. */
export interface TicketCounts {
  issued: number;
  reported: number;
  /** Not reported and not expired. */
  open: number;
}

/** Why a run can't be published with its ticket, in the order in which a person would look. */
export function ticketRefusals(
  { benchmark, manifest: { seed, variant } }: Pick<RunRecord, "benchmark" | "manifest">,
  ticket: TicketFacts | null,
): Refusal[] {
  const refuse = (field: string, expected: string, found: string): Refusal[] => [
    {
      reason: "ticket-invalid",
      field,
      expected,
      found,
      remedy:
        "Publish it without the ticket: it is then shown, but doesn’t rank. For a run that ranks, ask for another " +
        "ticket and train with its seed.",
    },
  ];
  if (!ticket) return refuse("ticket", "a ticket of this site", "one that it never issued");
  if (ticket.ofAnother) return refuse("ticket", "a ticket of your own", "a ticket of another account");
  if (ticket.used) return refuse("ticket", `a ticket without a ${variant} run`, "one whose run was published before");
  if (ticket.expired)
    return refuse(
      "ticket",
      `a ticket that is at most ${ticketDays} days old`,
      `one that expired on ${ticket.expiresAt.toISOString().slice(0, 10)}`,
    );
  const { slug, version } = ticket.benchmark;
  if (benchmark?.slug !== slug || benchmark.version !== version)
    return refuse(
      "record.benchmark",
      `${slug}, version ${version}, which gave out the ticket`,
      benchmark ? `${benchmark.slug}, version ${benchmark.version}` : "settings of its own",
    );
  if (seed !== ticket.seed) return refuse("record.manifest.seed", `${ticket.seed}, the ticket’s`, String(seed));
  return [];
}
