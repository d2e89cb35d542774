/** One network that somebody trained with code of their own: what it is, and every method that was scored on it. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { FlagLink } from "@/app/_components/controls/flag-link";
import { taskName } from "@/app/_components/tables/external-method";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { Crumbs } from "@/app/_components/text/crumbs";
import { capitalize, count, date, plural } from "@/app/_components/text/format";
import { JsonLink } from "@/app/_components/text/json-link";
import { Section } from "@/app/_components/text/section";
import { ownTrainingCode } from "@/lib/leaderboard";
import { findExternal } from "@/lib/server/external/read";
import { currentUser } from "@/lib/server/people/auth";
import { Methods } from "./methods";
import { TakeBack } from "./take-back";

export const dynamic = "force-dynamic";

const read = cache(async (id: string) => (z.uuid().safeParse(id).success ? findExternal(id) : null));

export async function generateMetadata({ params }: PageProps<"/external/[id]">): Promise<Metadata> {
  const record = await read((await params).id);
  if (!record) return { title: "Not found" };
  return {
    title: `${record.network.name} by ${record.user ?? "a deleted account"}`,
    description: `${plural(record.methods.length, "method")} on a network of somebody’s own; ${ownTrainingCode}.`,
  };
}

export default async function ExternalRecordPage({ params }: PageProps<"/external/[id]">) {
  const [record, viewer] = await Promise.all([read((await params).id), currentUser()]);
  if (!record) notFound();
  const { id, network, task, training, software, link, metric, methods, user, createdAt } = record;
  const isScored = methods.some(({ figures }) => figures);
  return (
    <>
      <Crumbs path={[{ href: "/external", title: "Networks of your own" }]} />
      <h1 className="wrap-anywhere">{network.name}</h1>
      <p className="lede">
        {user ? <Link href={`/u/${user}`}>{user}</Link> : "A deleted account"} published this on{" "}
        <time dateTime={createdAt.toISOString()}>{date(createdAt)}</time>. {capitalize(ownTrainingCode)}: it is on no
        board.
      </p>
      {network.description && (
        <p className="mt-3 max-w-prose whitespace-pre-line wrap-anywhere">{network.description}</p>
      )}
      <p className="mt-3 flex flex-wrap items-center gap-3">
        <FlagLink subject="external" id={id} />
      </p>
      <Section
        id="methods"
        title="Every method"
        note={
          isScored
            ? "The four figures are computed by the server, from the predictions that were sent and its own labels. β and shift are as its author claims them."
            : "Every figure is as its author claims it: the server has no labels of this data."
        }
      >
        <Methods methods={methods} metric={metric} isScored={isScored} />
        <p className="note mt-2">
          One run, so there is no interval: on other seeds close methods may come in another order.
        </p>
      </Section>
      <Section id="network" title="Network and training">
        <Facts>
          <Fact name="Data">
            {taskName(task)}, {plural(task.classes, "class", "classes")}
          </Fact>
          <Fact name="Batch">{count(training.batchSize)}</Fact>
          <Fact name="Steps">
            {count(training.steps)}
            {training.epochs !== null && `, ${plural(Number(training.epochs.toPrecision(3)), "epoch")}`}
          </Fact>
          {training.learningRate && <Fact name="Learning rate">{training.learningRate}</Fact>}
          <Fact name="Parameters">{count(network.parameters)}</Fact>
          <Fact name="Batch norms">
            {count(network.batchNorms)}, {plural(network.channels, "channel")}
          </Fact>
          <Fact name="Software">{software}</Fact>
          {link && (
            <Fact name="Code or paper">
              <a href={link} rel="nofollow noopener" className="wrap-anywhere">
                {link}
              </a>
            </Fact>
          )}
        </Facts>
      </Section>
      {viewer && viewer.name === user && (
        <Section id="take-back" title="Take it back" className="max-w-[44rem]">
          <TakeBack id={id} account={viewer.name} />
        </Section>
      )}
      <JsonLink href={`/api/v1/external/${id}`} />
    </>
  );
}
