"use client";
/** The form by which an author takes a record back; leads to the list. */
import { ApiForm } from "@/app/_components/controls/api-form";

export function TakeBack({ id, account }: { id: string; account: string }) {
  return (
    <ApiForm
      path="/api/v1/external/{id}"
      method="DELETE"
      params={{ id }}
      account={account}
      submit={`Take it back as ${account}`}
      kind="secondary"
      onDone={() => "/external"}
    >
      <p className="note">It leaves every list and page for good; the log says that you took it back.</p>
    </ApiForm>
  );
}
