import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Kbd } from "../../ui/Kbd";
import { showInPane } from "../../ui/scroll";
import classes from "./dossier.module.css";

/** px of the lines just read that stay in sight when the text turns a page. */
const KEPT = 40;

/** What is read aloud. Longer than its card, it rolls in its own box, so that fields and buttons stay in sight. */
export function Script({
  label,
  className = "",
  children,
}: {
  label?: string;
  className?: string | undefined;
  children: ReactNode;
}) {
  const { t } = useLingui();
  const box = useRef<HTMLQuoteElement>(null);
  const [more, setMore] = useState(false);
  const [rolls, setRolls] = useState(false);
  useEffect(() => {
    const at = box.current;
    if (at === null) {
      return undefined;
    }
    const look = (): void => {
      setMore(at.scrollTop + at.clientHeight < at.scrollHeight - 1);
      setRolls(at.clientHeight < at.scrollHeight - 1);
    };
    const sized = new ResizeObserver(look);
    [at, ...at.children].forEach((part) => sized.observe(part));
    at.addEventListener("scroll", look);
    return () => {
      sized.disconnect();
      at.removeEventListener("scroll", look);
    };
  });
  return (
    <>
      <blockquote
        ref={box}
        className={`${classes.say} ${className}`}
        aria-label={label}
        data-script
        // A box that rolls can be rolled by the keyboard (WCAG 2.1.1).
        tabIndex={rolls ? 0 : undefined}
      >
        {children}
      </blockquote>
      {more ? (
        <p className={classes.more}>
          {t`la suite du texte`} <Kbd of="PageDown" />
        </p>
      ) : null}
    </>
  );
}

/** Page keys turn the text of the card in front, in order; at its end they are the pane's. True when it was turned. */
export function turnScript(key: string): boolean {
  const box = document.querySelector<HTMLElement>("[data-front] [data-script]");
  if (box === null || (key !== "PageDown" && key !== "PageUp")) {
    return false;
  }
  const end = box.scrollHeight - box.clientHeight;
  if (key === "PageDown" ? box.scrollTop >= end - 1 : box.scrollTop <= 0) {
    return false;
  }
  showInPane(box.closest("[data-front]"), "nearest");
  box.scrollTop += (key === "PageDown" ? 1 : -1) * Math.max(KEPT, box.clientHeight - KEPT);
  return true;
}
