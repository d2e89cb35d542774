/** How to make a board better: which one needs a run most, in the browser or by the command. */
import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { ButtonLink } from "@/app/_components/controls/controls";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { count } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { needInWords } from "@/lib/leaderboard";
import type { BoardInNeed } from "@/lib/server/boards/needs";
import { boardsInNeed } from "@/lib/server/boards/needs";
import { currentUser } from "@/lib/server/people/auth";
import { siteOrigin } from "@/lib/server/site-origin";
import { runShape } from "@/lib/training";
import { Lend } from "./lend";

export const metadata: Metadata = {
  title: "Contribute a run",
  description: "Two minutes of your browser make a board better: which one needs a run most, and why.",
};

export const dynamic = "force-dynamic";

export default async function ContributePage() {
  const [boards, requested, user] = await Promise.all([boardsInNeed(), headers(), currentUser()]);
  const [first] = boards;
  return (
    <>
      <h1>Contribute a run</h1>
      <p className="lede">
        A board gives you the seed that it needs next, your browser trains it and scores every policy, and the server
        trains it again and compares. Each seed narrows every interval on the board.
      </p>
      {first && (
        <p className="mt-3 flex flex-wrap items-center gap-3">
          <ButtonLink href={`/train?benchmark=${first.slug}`} kind="primary" prefetch={false}>
            Train {first.title}
          </ButtonLink>
          <span className="text-ink-2">{needInWords(first)}</span>
        </p>
      )}
      <Section id="lend" title="Lend this machine">
        <p className="text-ink-2">
          It trains what the boards need, run after run, and publishes each as it ends, until you stop it. It goes on
          whatever page of this site you open, and after a reload, and waits while the machine is on battery.
        </p>
        <Lend
          boards={boards.map(({ slug, title, gpu }) => ({ slug, title, gpu }))}
          policies={builtInPolicies.map(({ slug }) => slug)}
          userName={user?.name ?? null}
        />
        <noscript>
          <p className="problem mt-3">
            Training runs as a program in this page. Allow scripts for this site, then reload.
          </p>
        </noscript>
      </Section>
      <Section id="boards" title="Where a run does most">
        <DataTable
          caption="Boards, the one that needs a run most first"
          columns={columns}
          rows={boards}
          rowKey={({ slug }) => slug}
        />
      </Section>
      <Section id="command" title="From a terminal" prose>
        <p>
          A machine with a GPU, or one that has nothing to do at night, trains run after run. What is finished and
          can&rsquo;t be sent is kept; after Ctrl-C the same command goes on. Make a token at{" "}
          <Link href="/settings">your settings</Link> first.
        </p>
        <pre tabIndex={0} aria-label="Commands" className="my-3">
          {`npm run -s dmbench -- login --site ${siteOrigin(requested)}
npm run -s dmbench -- contribute --benchmark ${first?.slug ?? "digits-mlp"} --runs 10`}
        </pre>
        <p>
          Runs with a seed of your own, or with settings of your own, are welcome too: they get a page, and don&rsquo;t
          rank. <Link href="/docs/method#audits">How runs are checked</Link>.
        </p>
      </Section>
    </>
  );
}

const why = (board: BoardInNeed): string => (board.gpu ? `It needs a GPU. ${needInWords(board)}` : needInWords(board));

const columns: readonly Column<BoardInNeed>[] = [
  {
    key: "board",
    head: "board",
    cell: (board) => (
      <>
        <Link href={`/leaderboard/${board.slug}?division=open`}>{board.title}</Link>
        <span className="folded">
          <br />
          {why(board)}
        </span>
      </>
    ),
  },
  { key: "seeds", head: "seeds", align: "end", cell: ({ seeds }) => count(seeds) },
  {
    key: "why",
    head: "what a run does",
    wide: true,
    cell: (board) => <span className="sentence">{why(board)}</span>,
  },
  {
    key: "steps",
    head: "steps",
    align: "end",
    wide: true,
    cell: ({ recipe }) => count(runShape(recipe).steps),
  },
  {
    key: "train",
    head: "train it",
    cell: ({ slug }) => (
      <Link href={`/train?benchmark=${slug}`} prefetch={false}>
        train
      </Link>
    ),
  },
];
