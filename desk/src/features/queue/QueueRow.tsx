import { t } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";
import { memo } from "react";
import { word } from "../../app/i18n";
import { isLate, limitOf } from "../../core/queue";
import type { IncidentRow } from "../../core/views";
import { secondsSince } from "../../core/time";
import { now, useJudged } from "../../live/hooks";
import { Age } from "../../ui/Age";
import { NatureIcon } from "../../ui/NatureIcon";
import { PriorityMark } from "../../ui/PriorityMark";
import { MarkLine, markChips, type ChipText } from "./Marks";
import classes from "./queue.module.css";
import { headlineText, ringText, stateText } from "./words";

interface Props {
  row: IncidentRow;
  me: number;
  selected: boolean;
  inView: boolean;
  onOpen: (id: number) => void;
}

/** Age runs from the first alarm signal; its colour is that of the limit that runs now. */
export const QueueRow = memo(function QueueRow({ row, me, selected, inView, onOpen }: Props) {
  useLingui();
  const late = useJudged((at) => isLate(row, at));
  const chips = chipsOf(row, me, late);
  return (
    <div
      id={`queue-${row.id}`}
      role="option"
      aria-selected={selected}
      className={classes.row}
      data-view={inView}
      data-incident={row.id}
      data-ringing={row.ringing_since !== null}
      onClick={() => onOpen(row.id)}
    >
      <PriorityMark band={row.band} />
      <span className={classes.title}>
        <span>{row.site.name}</span>
        {row.site.town ? <span className="faint">{row.site.town}</span> : null}
      </span>
      <Age className={classes.age} since={row.opened_at} limit={limitOf(row)} />
      <span className={classes.sub}>
        <NatureIcon family={row.family} /> {headlineText(row.headline)}
      </span>
      <MarkLine chips={chips} />
    </div>
  );
});

/**
 * By weight: people in danger, what may not be believed, what is not as the file says, where it stands, the rest. The
 * line is short, and its last ones are only counted.
 */
function chipsOf(row: IncidentRow, me: number, late: boolean): ChipText[] {
  const marks = markChips(row.marks);
  const state = stateText(row, me);
  const ring = ringText(row, late);
  const plain = (key: string, text: string | false | null): ChipText[] => (text ? [{ key, text }] : []);
  return [
    { key: "priority", text: `P${row.priority}` },
    ...(row.duress ? [{ key: "duress", text: t`CONTRAINTE`, tone: "danger" as const }] : []),
    ...(row.warn_agent ? [{ key: "agent", text: t`PRÉVENIR L’AGENT`, tone: "strong" as const }] : []),
    ...marks.filter((chip) => chip.tone),
    ...(ring !== null ? [{ key: "ring", text: ring, tone: "strong" as const }] : []),
    ...plain("state", state),
    ...plain("test", row.on_test && t`en essai`),
    ...plain("verification", row.verification !== "not_done" && word("verification", row.verification)),
    ...plain("signals", row.signal_count > 1 && signalsText(row)),
    ...marks.filter((chip) => !chip.tone),
  ];
}

/** How many signals, and the age of the last one as of the row's last change: a second clock in a row would be noise. */
function signalsText(row: IncidentRow): string {
  const count = t`${row.signal_count} signaux`;
  const quiet = row.last_signal_at ? secondsSince(row.opened_at, Date.parse(row.last_signal_at)) : null;
  const seconds = secondsSince(row.last_signal_at, now());
  if (quiet === null || quiet <= 0 || seconds === null) {
    return count;
  }
  const minutes = Math.floor(seconds / 60);
  const said = minutes < 1 ? t`moins d’1 min` : t`${minutes} min`;
  return count + t`, dernier ${said}`;
}
