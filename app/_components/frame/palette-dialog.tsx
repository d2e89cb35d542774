"use client";
/** A combobox in a native modal dialog: pages at once, boards, policies and people as the server finds them. */
import { useRouter } from "next/navigation";
import type { KeyboardEvent } from "react";
import { useEffect, useId, useRef, useState } from "react";
import { callApi } from "@/app/api/client";

interface Choice {
  kind: string;
  title: string;
  detail: string;
  href: string;
}

const pages: readonly Choice[] = [
  ["Train", "in this browser", "/train"],
  ["Leaderboard", "every benchmark", "/leaderboard"],
  ["All boards at once", "parallel axes", "/leaderboard/overview"],
  ["Policies", "the gallery", "/policies"],
  ["New policy", "write one, see its scores", "/policies/new"],
  ["Compare", "methods or runs", "/compare"],
  ["Study", "who wins where", "/study"],
  ["API", "every endpoint", "/docs/api"],
  ["Log", "every addition, rescore and removal", "/log"],
].map(([title, detail, href]) => ({ kind: "page", title: title!, detail: detail!, href: href! }));

/** Milliseconds without a key before the server is asked. */
const pause = 120;

export function PaletteDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [words, setQuery] = useState("");
  const [found, setFound] = useState<readonly Choice[]>([]);
  const [failed, setFailed] = useState(false);
  const [at, setAt] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    const asking = new AbortController();
    const text = words.trim();
    const timer = setTimeout(async () => {
      if (text === "") return setFound([]);
      const result = await callApi("GET", "/api/v1/search", { query: { q: text }, signal: asking.signal });
      if (asking.signal.aborted) return;
      if ("answer" in result) setFound(result.answer.found);
      setFailed("problem" in result);
    }, pause);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [words]);

  const text = words.trim().toLowerCase();
  const choices = [...pages.filter(({ title }) => title.toLowerCase().includes(text)), ...(text === "" ? [] : found)];
  const current = Math.min(at, choices.length - 1);
  const go = (choice: Choice | undefined) => {
    if (!choice) return;
    dialog.current?.close();
    router.push(choice.href);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = (current + step + choices.length) % choices.length;
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(choices[current]);
    }
  };
  return (
    <dialog
      ref={dialog}
      className="dialog palette"
      aria-label="Find"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <input
        className="input"
        role="combobox"
        aria-label="Page, board, policy or person"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={choices.length > 0 ? `${id}-${current}` : undefined}
        aria-autocomplete="list"
        placeholder="page, board, policy or person"
        autoComplete="off"
        autoFocus
        value={words}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <ul id={id} role="listbox" aria-label="Where to go">
        {choices.map((choice, index) => (
          <li
            key={`${choice.kind} ${choice.href}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === current}
            onPointerMove={() => setAt(index)}
            onClick={() => go(choice)}
          >
            <span>{choice.title}</span>
            <span className="palette-detail">{choice.detail}</span>
            <span className="palette-kind">{choice.kind}</span>
          </li>
        ))}
      </ul>
      <p className="note" role="status">
        {failed
          ? "The server can’t be asked now: pages alone."
          : choices.length === 0
            ? "Nothing of that name."
            : "Arrows choose, Enter goes there, Escape closes."}
      </p>
    </dialog>
  );
}
