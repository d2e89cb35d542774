import type { Metadata } from "next";
import { ButtonLink } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <>
      <h1>There is no such page</h1>
      <div className="mt-4">
        <Empty
          title="The address may be mistyped, or what it named was taken down."
          actions={
            <>
              <ButtonLink href="/leaderboard">Leaderboard</ButtonLink>
              <ButtonLink href="/policies">Policies</ButtonLink>
              <ButtonLink href="/">Start page</ButtonLink>
            </>
          }
        >
          Published runs and policies keep their address for good; check that none of it was cut off.
        </Empty>
      </div>
    </>
  );
}
