/** A flag: what it is about, its reasons, the author's reply and the decision, with the forms for who may write. */
import Link from "next/link";
import { ApiForm } from "@/app/_components/controls/api-form";
import { Choices } from "@/app/_components/controls/controls";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { capitalize, date } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { subjectNames } from "@/lib/leaderboard";
import type { FlagInfo } from "@/lib/server/moderation/flags";
import { ReasonField } from "../reason-field";

interface FlagViewProps {
  flag: FlagInfo;
  /** Name of the account that looks at it. */
  account: string;
  /** Whether it published what is flagged. */
  isAuthor: boolean;
  isMaintainer: boolean;
}

export function FlagView({ flag, account, isAuthor, isMaintainer }: FlagViewProps) {
  const { subject } = flag;
  const subjectName = subjectNames[subject.kind];
  const isAppealed = flag.appeal !== null && flag.settledAt === null;
  const waitsForAnother = isAppealed && flag.decidedBy === account;
  return (
    <>
      <h1>Flag on {subject.title}</h1>
      <p className="lede mb-4">{standing(flag.state, subject.hidden)}</p>
      <Facts>
        <Fact name={capitalize(subjectName)}>
          {subject.hidden ? <span>{subject.title}, hidden</span> : <Link href={subject.url}>{subject.title}</Link>}
        </Fact>
        <Fact name="Published by">
          {subject.author ? (
            <Link href={`/u/${subject.author}`}>{subject.author}</Link>
          ) : (
            "an account that is gone, or the site itself"
          )}
        </Fact>
        <Fact name="Raised">{date(flag.createdAt)}</Fact>
        <Fact name="Reason">
          <Words>{flag.reason}</Words>
        </Fact>
        <Fact name="Author’s reply">{flag.reply ? <Words>{flag.reply}</Words> : "none yet"}</Fact>
        <Fact name="Decision">
          {flag.decision ? (
            <>
              {flag.state}
              {flag.decidedBy && ` by ${flag.decidedBy}`}, {date(flag.decidedAt!)}
              <Words>{flag.decision}</Words>
            </>
          ) : (
            "none yet"
          )}
        </Fact>
        {flag.appeal && (
          <Fact name="Appeal">
            {date(flag.appealedAt!)}, {flag.settledAt ? "decided by another maintainer" : "another maintainer decides"}
            <Words>{flag.appeal}</Words>
          </Fact>
        )}
        <Fact name="History">
          <Link href={`/log?subject=${subject.kind}&subjectId=${subject.id}`}>the log of this {subjectName}</Link>
        </Fact>
        {isMaintainer && (
          <Fact name="Evidence">
            <a href={`/api/v1/flags/${flag.id}/evidence`}>as it was published</a>, JSON
          </Fact>
        )}
      </Facts>
      {isAuthor && (
        <Section id="reply" title="Your reply" className="max-w-[44rem]">
          <ApiForm
            path="/api/v1/flags/{id}/reply"
            params={{ id: flag.id }}
            account={account}
            submit={`Send reply as ${account}`}
          >
            <ReasonField label="Reply" name="reply" hint="Public, in the log. It takes the place of an earlier one." />
          </ApiForm>
        </Section>
      )}
      {isAuthor && flag.state === "upheld" && !flag.appeal && (
        <Section id="appeal" title="Appeal" className="max-w-[44rem]">
          <ApiForm
            path="/api/v1/flags/{id}/appeal"
            params={{ id: flag.id }}
            account={account}
            submit={`Appeal as ${account}`}
          >
            <ReasonField
              label="Why the decision is wrong"
              name="appeal"
              hint="Public, in the log. You can appeal once; another maintainer decides."
            />
          </ApiForm>
        </Section>
      )}
      {isMaintainer && !isAuthor && waitsForAnother && (
        <p className="note mt-4">Its author has appealed against your decision: another maintainer decides.</p>
      )}
      {isMaintainer && !isAuthor && !waitsForAnother && (
        <Section
          id="decide"
          title={isAppealed ? "Decide the appeal" : flag.state === "open" ? "Decide" : "Decide anew"}
          className="max-w-[44rem]"
        >
          <ApiForm
            path="/api/v1/flags/{id}/decision"
            params={{ id: flag.id }}
            account={account}
            submit={`Decide as ${account}`}
          >
            <Choices legend="The flag is">
              <label className="check">
                <input type="radio" name="state" value="dismissed" required />
                <span>dismissed: the result is shown</span>
              </label>
              <label className="check">
                <input type="radio" name="state" value="upheld" />
                <span>upheld: the result is hidden, with its evidence kept</span>
              </label>
            </Choices>
            <ReasonField label="Reasons" name="reason" hint="Public, in the log." />
          </ApiForm>
        </Section>
      )}
    </>
  );
}

/** What somebody wrote, in their lines. */
const Words = ({ children }: { children: string }) => <p className="max-w-prose whitespace-pre-line">{children}</p>;

function standing(state: "open" | "upheld" | "dismissed", hidden: boolean): string {
  if (state === "open") return "A maintainer has yet to look at it.";
  return state === "upheld"
    ? `Upheld${hidden ? ": the result is hidden, and nothing of it is deleted." : "."}`
    : "Dismissed: the result is shown.";
}
