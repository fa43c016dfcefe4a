import { useLingui } from "@lingui/react/macro";
import { memo } from "react";
import { word } from "../../app/i18n";
import { isUntaken } from "../../core/queue";
import type { IncidentRow } from "../../core/views";
import { secondsSince } from "../../core/time";
import { now } from "../../live/hooks";
import { Age } from "../../ui/Age";
import { NatureIcon } from "../../ui/NatureIcon";
import { PriorityMark } from "../../ui/PriorityMark";
import classes from "./queue.module.css";
import { headlineText, stateText } from "./words";

interface Props {
  row: IncidentRow;
  me: number;
  selected: boolean;
  inView: boolean;
  onOpen: (id: number) => void;
}

/** Age runs from the first alarm signal; its colour is that of the limit that runs now. */
function limitOf(row: IncidentRow): number | null {
  if (isUntaken(row)) {
    return row.limits.take;
  }
  return row.first_act_at === null ? row.limits.act : null;
}

export const QueueRow = memo(function QueueRow({ row, me, selected, inView, onOpen }: Props) {
  const { t } = useLingui();
  const quiet = row.last_signal_at ? secondsSince(row.opened_at, Date.parse(row.last_signal_at)) : null;
  const state = stateText(row, me);
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
      <span className={classes.marks}>
        <i>P{row.priority}</i>
        {row.duress ? <i className={classes.danger}>{t`CONTRAINTE`}</i> : null}
        {row.warn_agent ? <i className={classes.strong}>{t`PRÉVENIR L’AGENT`}</i> : null}
        {row.ringing_since !== null && row.ring_reason !== null && row.ring_reason !== "opened" ? (
          <i className={classes.strong}>{word("ring_reason", row.ring_reason)}</i>
        ) : null}
        {state ? <i>{state}</i> : null}
        {row.signal_count > 1 ? (
          <i>
            {t`${row.signal_count} signaux`}
            {quiet !== null && quiet > 0 && row.last_signal_at ? (
              <LastSignal at={row.last_signal_at} />
            ) : null}
          </i>
        ) : null}
        {row.on_test ? <i>{t`en essai`}</i> : null}
        {row.verification === "not_done" ? null : <i>{word("verification", row.verification)}</i>}
        {row.marks.map((mark) => (
          <i key={mark}>{word("mark", mark)}</i>
        ))}
      </span>
    </div>
  );
});

/** The age of the last signal, as of the row's last change: a second clock in each row would be noise. */
function LastSignal({ at }: { at: string }) {
  const { t } = useLingui();
  const seconds = secondsSince(at, now());
  if (seconds === null) {
    return null;
  }
  const minutes = Math.floor(seconds / 60);
  const said = minutes < 1 ? t`moins d’1 min` : t`${minutes} min`;
  return <>{t`, dernier ${said}`}</>;
}
