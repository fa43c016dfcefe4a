import { useLayoutEffect, useRef, useState } from "react";
import { word } from "../../app/i18n";
import { byGravity, fitting, isGrave } from "../../core/marks";
import classes from "./queue.module.css";

export interface ChipText {
  key: string;
  text: string;
  tone?: "strong" | "danger";
}

/** A dossier's own marks as chips, the gravest first. */
export function markChips(marks: readonly string[]): ChipText[] {
  return byGravity(marks).map((mark) => ({
    key: `mark-${mark}`,
    text: word("mark", mark),
    ...(isGrave(mark) ? { tone: "strong" as const } : {}),
  }));
}

/** Px between two chips (queue.module.css), and those that «+99» takes. */
const GAP = 5;
const COUNTER = 34;

/** Chips on one line, in the order of their weight: the row never jumps; «+2» says how many are left and which. */
export function MarkLine({ chips }: { chips: readonly ChipText[] }) {
  const line = useRef<HTMLSpanElement>(null);
  const [shown, setShown] = useState(chips.length);
  useLayoutEffect(() => {
    const box = line.current;
    if (box === null) {
      return undefined;
    }
    const measure = (): void => {
      const widths = [...box.querySelectorAll<HTMLElement>("[data-chip]")].map((chip) => chip.offsetWidth);
      setShown(fitting(widths, GAP, box.clientWidth, COUNTER));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [chips]);
  const rest = chips.slice(shown).map((chip) => chip.text);
  return (
    <span className={classes.marks} ref={line}>
      {chips.map((chip, place) => (
        <i
          key={chip.key}
          data-chip
          data-over={place >= shown}
          className={chip.tone ? classes[chip.tone] : undefined}
        >
          {chip.text}
        </i>
      ))}
      {rest.length > 0 ? (
        <i className={classes.more} title={rest.join(" · ")}>
          +{rest.length}
        </i>
      ) : null}
    </span>
  );
}

/** All of them, in the head of a dossier: there is room for a second line. */
export function AllMarks({ marks }: { marks: readonly string[] }) {
  return marks.length === 0 ? null : (
    <span className={`${classes.marks} ${classes.whole}`} data-marks>
      {markChips(marks).map((chip) => (
        <i key={chip.key} className={chip.tone ? classes[chip.tone] : undefined}>
          {chip.text}
        </i>
      ))}
    </span>
  );
}
