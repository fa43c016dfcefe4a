import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { sentence, zone } from "../../app/i18n";
import { clockTime } from "../../core/time";
import type { IncidentRow, LogLine } from "../../core/views";
import { useWorld } from "../../live/hooks";
import { Countdown } from "../../ui/Age";
import { Empty, Heading } from "../../ui/parts";
import { Button } from "../../ui/Button";
import { PriorityMark } from "../../ui/PriorityMark";
import { nextText } from "../queue/words";
import type { DeskContext } from "./context";
import classes from "./shell.module.css";
import { setUi, ui } from "./ui";

/** Kinds that would drown the rest; the logbook's page shows them. */
const QUIET = new Set(["signals.received"]);
const LINES_SHOWN = 100;

export function RightColumn({ context }: { context: DeskContext }) {
  return (
    <>
      <Strip context={context} />
      <div className={classes.full}>
        <Dock context={context} />
        <LiveLog context={context} />
      </div>
    </>
  );
}

/** When the next act is due, or until when it waits. */
function Due({ row, short = false }: { row: IncidentRow; short?: boolean }) {
  const { t } = useLingui();
  const until = row.next.due_at ?? row.parked_until;
  return until ? (
    <Countdown until={until} lateWord={(spent) => (short ? `+${spent}` : t`en retard ${spent}`)} />
  ) : null;
}

function Dock({ context }: { context: DeskContext }) {
  const { dock, inView, open } = context;
  return (
    <>
      <Heading>
        <Trans>Mes dossiers · {dock.length}</Trans>
      </Heading>
      <div className={classes.dock}>
        {dock.length === 0 ? (
          <p className="faint">
            {context.me.post === null ? (
              <Trans>Aucun dossier en main.</Trans>
            ) : (
              <Trans>Aucun dossier en main. N prend le prochain de la file.</Trans>
            )}
          </p>
        ) : null}
        {dock.map((row, place) => (
          <button
            type="button"
            key={row.id}
            className={classes.card}
            data-dock={row.id}
            aria-current={row.id === inView?.id}
            onClick={() => open(row.id)}
          >
            <b>{row.site.name}</b>
            <span>
              <Due row={row} />
            </span>
            <span className={classes.sub}>
              {place < 8 ? `Ctrl+${place + 1} · ` : ""}
              {nextText(row)}
            </span>
          </button>
        ))}
      </div>
    </>
  );
}

/** At 1366 px: my dossiers as marks; the rest unfolds. */
function Strip({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  return (
    <div className={classes.strip}>
      {context.dock.map((row, place) => (
        <button
          type="button"
          key={row.id}
          className={classes.stripItem}
          data-dock={row.id}
          aria-current={row.id === context.inView?.id}
          onClick={() => context.open(row.id)}
          title={row.site.name}
        >
          <PriorityMark band={row.band} size={18} />
          <span className="sr">{row.site.name}</span>
          <kbd>{place + 1}</kbd>
          <Due row={row} short />
        </button>
      ))}
      <span style={{ flex: 1 }} />
      <button
        type="button"
        className={classes.stripItem}
        onClick={() => setUi({ logOpen: true })}
        title={t`Déplier la main courante`}
      >
        <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
          <path d="M4 4h10M4 8h10M4 12h7" stroke="currentColor" strokeWidth="1.5" />
        </svg>
        <span aria-hidden="true">{t`M.C.`}</span>
        <span className="sr">{t`Déplier la main courante`}</span>
      </button>
    </div>
  );
}

function LiveLog({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const lines = useWorld((world) => world.lines);
  const sealedAt = useWorld((world) => world.sealedAt);
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  const open = useSyncExternalStore(ui.subscribe, () => ui.get().logOpen);
  return (
    <>
      <Heading aside={sealedAt ? <Trans>scellée {clockTime(sealedAt, shown)}</Trans> : null}>
        <Trans>Main courante</Trans>
      </Heading>
      <div className={classes.log} role="log" aria-live="off" tabIndex={0} aria-label={t`Main courante`}>
        {lines.length === 0 ? <Empty title={<Trans>Rien encore cette nuit</Trans>} /> : null}
        {lines
          .filter((line) => !QUIET.has(line.kind))
          .slice(0, LINES_SHOWN)
          .map((line) => (
            <LogEntry key={line.id} line={line} inView={context.inView?.site.id ?? null} zone={shown} />
          ))}
      </div>
      {open ? (
        <Button tone="plain" className={classes.foldBack} onClick={() => setUi({ logOpen: false })}>
          <Trans>Replier</Trans>
        </Button>
      ) : null}
    </>
  );
}

/** The site's name beside a sentence that does not hold it already. */
function LogEntry({ line, inView, zone: shown }: { line: LogLine; inView: number | null; zone: string }) {
  const said = sentence(line);
  const site = line.site && line.site.id !== inView && !said.includes(line.site.name) ? line.site.name : null;
  return (
    <div className={classes.line}>
      <time dateTime={line.happened_at}>{clockTime(line.happened_at, shown)}</time>
      <span>
        {said}
        {site ? <span className="faint"> · {site}</span> : null}
      </span>
    </div>
  );
}
