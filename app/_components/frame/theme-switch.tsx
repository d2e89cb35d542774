"use client";
/** System, light or dark. Takes effect at once, and is stored in a cookie where cookies are allowed. */
import { useState } from "react";
import { Segments } from "../controls/controls";
import type { Theme } from "./theme";
import { themeCookie, themes } from "./theme";

const year = 365 * 24 * 60 * 60;
const labels: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

export function ThemeSwitch({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  const choose = (next: Theme) => {
    setTheme(next);
    document.documentElement.dataset.theme = next;
    try {
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
      document.cookie = `${themeCookie}=${next}; path=/; max-age=${year}; samesite=lax`;
    } catch {
      // Storage is blocked: the choice lasts until the page is closed.
    }
  };
  return (
    <div className="needs-script">
      <Segments
        label="Theme"
        name="theme"
        options={themes.map((value) => ({ value, label: labels[value] }))}
        value={theme}
        onChange={choose}
      />
    </div>
  );
}
