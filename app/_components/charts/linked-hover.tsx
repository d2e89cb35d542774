"use client";
/**
 * Linked highlighting: hovering or focusing a chart's mark also highlights the table row of the same key, and vice
 * versa.
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
