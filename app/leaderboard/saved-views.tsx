"use client";
/** Named views saved in this browser, and a button that copies the current view's URL. */
import Link from "next/link";
import type { FormEvent } from "react";
import { useEffect, useState } from "react";

interface SavedView {
  name: string;
  href: string;
}

const storageKey = "dmbench-views";

/** Empty if nothing is saved, or storage is blocked. */
function stored(): SavedView[] {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
    return Array.isArray(parsed)
      ? parsed.filter(
          (one): one is SavedView =>
            typeof one?.name === "string" && typeof one?.href === "string" && one.href.startsWith("/leaderboard/"),
        )
      : [];
  } catch {
    return [];
  }
}

/** @param href URL of the current view */
export function SavedViews({ href }: { href: string }) {
  const [views, setViews] = useState<SavedView[]>([]);
  const [message, setMessage] = useState("");
  useEffect(() => setViews(stored()), []);
  const keep = (next: SavedView[]) => {
    setViews(next);
    try {
      localStorage.setItem(storageKey, JSON.stringify(next));
      setMessage("");
    } catch {
      setMessage(
        "This browser keeps nothing for this site: the names last until the page is left. Copy the link instead.",
      );
    }
  };
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (name === "") return;
    keep([...views.filter((saved) => saved.name !== name), { name, href }]);
    event.currentTarget.reset();
  };
  const copy = async () => {
    const address = new URL(href, location.href).href;
    await navigator.clipboard.writeText(address).then(
      () => setMessage("Copied."),
      () => setMessage(address),
    );
  };
  return (
    <div className="needs-script">
      <form onSubmit={save} className="field">
        <label htmlFor="view-name">Save this view as</label>
        <span className="flex gap-2">
          <input id="view-name" name="name" className="input" maxLength={60} required />
          <button type="submit" className="button">
            Save
          </button>
        </span>
      </form>
      {views.length > 0 && (
        <ul className="rows mt-3">
          {views.map((view) => (
            <li key={view.name} className="flex items-center justify-between gap-3">
              <Link href={view.href} prefetch={false}>
                {view.name}
              </Link>
              <button
                type="button"
                className="button"
                data-kind="plain"
                onClick={() => keep(views.filter((saved) => saved !== view))}
              >
                Forget<span className="sr-only"> {view.name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-3">
        <button type="button" className="button" onClick={copy}>
          Copy the link to this view
        </button>
      </p>
      <p className="note mt-2" role="status">
        {message}
      </p>
    </div>
  );
}
