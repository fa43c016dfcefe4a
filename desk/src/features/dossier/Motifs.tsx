import { useEffect, useRef } from "react";
import { t } from "@lingui/core/macro";
import { useEscape } from "../../ui/escape";
import { Choices } from "./Fronts";
import type { Choice, Keyed } from "./frontKeys";
import classes from "./dossier.module.css";

/** The way back out of a list of motifs. */
const BACK = "back";

/**
 * A motif from a short list, one button each. Never a drop-down that acts when it changes: an arrow or a letter typed
 * on it would send the first motif it meets (U3, WCAG 3.2.2).
 */
export function Motifs({ label, of }: { label: string; of: readonly Keyed[] }) {
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => group.current?.focus({ preventScroll: true }), []);
  useEscape(() => of.find((choice) => choice.id === BACK)?.perform());
  return (
    <div ref={group} tabIndex={-1} className={classes.motifs}>
      <span className="dim">{label}</span>
      <Choices of={of} label={label} />
    </div>
  );
}

/** The motifs of an act, and the way back. */
export function motifChoices(
  motifs: readonly { key: string; label: string }[],
  choose: (key: string) => void,
  close: () => void,
): Choice[] {
  return [
    ...motifs.map(({ key, label }) => ({ id: `motif:${key}`, label, perform: () => choose(key) })),
    backChoice(close),
  ];
}

/** The way back, by Escape: the part that shows it calls `useEscape`. */
export const backChoice = (close: () => void): Choice => ({
  id: BACK,
  label: t`Renoncer`,
  tone: "plain",
  key: "Escape",
  perform: close,
});
