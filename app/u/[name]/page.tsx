/** A person's public profile: their runs and policies. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache } from "react";
import { ButtonLink } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { Rule } from "@/app/_components/momentum/rule";
import { RunList } from "@/app/_components/tables/run-list";
import { date } from "@/app/_components/text/format";
import { reportedInWords } from "@/app/_components/text/reported";
import { Section } from "@/app/_components/text/section";
import { currentUser } from "@/lib/server/people/auth";
import { user as findUser } from "@/lib/server/people/users";

export const dynamic = "force-dynamic";

const read = cache(async (name: string) => findUser(name));

export async function generateMetadata({ params }: PageProps<"/u/[name]">): Promise<Metadata> {
  const person = await read((await params).name);
  return { title: person?.name ?? "Not found" };
}

export default async function UserPage({ params }: PageProps<"/u/[name]">) {
  const [person, viewer] = await Promise.all([read((await params).name), currentUser()]);
  if (!person) notFound();
  const isOwner = viewer?.name === person.name;
  return (
    <>
      <h1>{person.name}</h1>
      <p className="lede">
        Here since {date(person.createdAt)}.
        {isOwner && (
          <>
            {" "}
            <Link href="/settings">Your settings</Link>: quotas, tokens, leaving.
          </>
        )}
        {person.tickets.issued > 0 && ` ${reportedInWords(person.tickets)}`}
      </p>
      <Section id="runs" title="Runs">
        {person.runs.length > 0 ? (
          <RunList caption={`Runs published by ${person.name}, newest first`} runs={person.runs} />
        ) : (
          <Empty
            title="No run published yet"
            actions={
              isOwner && (
                <ButtonLink href="/train" kind="primary">
                  Train now
                </ButtonLink>
              )
            }
          />
        )}
      </Section>
      {person.policies.length > 0 && (
        <Section id="policies" title="Policies">
          <ul className="rows">
            {person.policies.map(({ slug, name, rule }) => (
              <li key={slug} className="py-1">
                <Link href={`/policies/${slug}`}>{name}</Link>{" "}
                <span className="rule text-ink-2">
                  <Rule>{rule}</Rule>
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
