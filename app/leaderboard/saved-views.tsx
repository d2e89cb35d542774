"use client";
/** Views that the reader has saved in this browser by name, and a button that copies the current one's address. */
import Link from "next/link";
import type { FormEvent } from "react";
import { useEffect, useState } from "react";

interface SavedView {
  name: string;
  href: string;
}

const storageKey = "dmbench-views";

/** Empty where nothing is saved, or storage is blocked. */
function stored(): SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
    return Array.isArray(kept)
      ? kept.filter(
          (one): one is SavedView =>
            typeof one?.name === "string" && typeof one?.href === "string" && one.href.startsWith("/leaderboard/"),
        )
      : [];
  } catch {
    return [];
  }
}

/** @param href the current view's address */
export function SavedViews({ href }: { href: string }) {
  const [views, setViews] = useState<SavedView[]>([]);
  const [said, setSaid] = useState("");
  useEffect(() => setViews(stored()), []);
  const keep = (next: SavedView[]) => {
    setViews(next);
    try {
      localStorage.setItem(storageKey, JSON.stringify(next));
      setSaid("");
    } catch {
      setSaid(
        "This browser keeps nothing for this site: the names last until the page is left. Copy the link instead.",
      );
    }
  };
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (name === "") return;
    keep([...views.filter((one) => one.name !== name), { name, href }]);
    event.currentTarget.reset();
  };
  const copy = async () => {
    const address = new URL(href, location.href).href;
    await navigator.clipboard.writeText(address).then(
      () => setSaid("Copied."),
      () => setSaid(address),
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
                onClick={() => keep(views.filter((one) => one !== view))}
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
        {said}
      </p>
    </div>
  );
}
