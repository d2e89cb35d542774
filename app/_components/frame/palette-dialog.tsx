"use client";
/**
 * A combobox in a native modal dialog: pages match at once; boards, policies and people come from the server's search.
 */
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

/** Title, detail, address, and other words that find it. */
const pages: readonly (readonly [title: string, detail: string, href: string, words?: string])[] = [
  ["Train", "in this browser", "/train"],
  ["Which momentum?", "the safe band at a batch size", "/choose", "choose beta safe default which should I use"],
  ["Contribute", "the board that needs a run", "/contribute", "volunteer lend this machine seeds"],
  ["Leaderboard", "every method over all boards", "/leaderboard"],
  ["All boards at once", "parallel axes", "/leaderboard/overview"],
  ["Policies", "the gallery", "/policies"],
  ["New policy", "write one, see its scores", "/policies/new"],
  ["Compare", "methods or runs", "/compare"],
  ["Speed", "how fast this machine trains", "/bench"],
  [
    "Networks of your own",
    "trained with own code, on no board",
    "/external",
    "external bring submit pytorch keras dmbn.py",
  ],
  ["Study", "who wins where", "/study"],
  ["Our own policy", "small-batch recalibration, registered before its runs", "/study/our-policy"],
  ["API", "every endpoint", "/docs/api"],
  ["Log", "every addition, rescore and removal", "/log"],
];

/** The pages in whose words every word of the text is found. */
function pagesOf(text: string): Choice[] {
  const wanted = wordsOf(text);
  return pages.flatMap(([title, detail, href, words = ""]) => {
    const has = wordsOf(`${title} ${detail} ${words}`);
    return wanted.every((word) => has.some((one) => one.includes(word))) ? [{ kind: "page", title, detail, href }] : [];
  });
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Debounce of the server's search, in milliseconds. */
const debounceMilliseconds = 120;

export function PaletteDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState("");
  const [results, setResults] = useState<readonly Choice[]>([]);
  const [failed, setFailed] = useState(false);
  const [activeIndex, setActiveIndex] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    const request = new AbortController();
    const text = query.trim();
    const timer = setTimeout(async () => {
      if (text === "") return setResults([]);
      const result = await callApi("GET", "/api/v1/search", { query: { q: text }, signal: request.signal });
      if (request.signal.aborted) return;
      if ("answer" in result) setResults(result.answer.found);
      setFailed("problem" in result);
    }, debounceMilliseconds);
    return () => {
      clearTimeout(timer);
      request.abort();
    };
  }, [query]);

  const choices = [...pagesOf(query), ...(query.trim() === "" ? [] : results)];
  const current = Math.min(activeIndex, choices.length - 1);
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
      setActiveIndex(next);
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
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActiveIndex(0);
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
            onPointerMove={() => setActiveIndex(index)}
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
