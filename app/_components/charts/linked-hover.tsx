"use client";
/**
 * Marks and rows of the same key show themselves together: what the pointer or the focus is at, in a chart or in its
 * table.
 */
import { useEffect } from "react";

export function LinkedHover() {
  useEffect(() => {
    let shown: Element[] = [];
    const show = ({ target }: Event) => {
      const key = target instanceof Element ? target.closest("[data-key]")?.getAttribute("data-key") : null;
      for (const element of shown) element.removeAttribute("data-pointed");
      shown = key ? [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)] : [];
      for (const element of shown) element.setAttribute("data-pointed", "");
    };
    document.addEventListener("pointerover", show);
    document.addEventListener("focusin", show);
    return () => {
      document.removeEventListener("pointerover", show);
      document.removeEventListener("focusin", show);
    };
  }, []);
  return null;
}
