import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Kbd } from "./Kbd";
import classes from "./ui.module.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: "plain" | "go" | "warn" | "normal";
  /** The key that does the same. */
  hotkey?: string | null | undefined;
  children: ReactNode;
}

/** A button with its key beside its word. */
export function Button({ tone = "normal", hotkey, children, className = "", ...rest }: Props) {
  const look = tone === "normal" ? "" : (classes[tone] ?? "");
  return (
    <button
      type="button"
      className={`${classes.button} ${look} ${className}`}
      data-hotkey={hotkey ?? undefined}
      {...rest}
    >
      {children}
      {hotkey ? <Kbd of={hotkey} /> : null}
    </button>
  );
}
