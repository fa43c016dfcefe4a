import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, useSyncExternalStore } from "react";
import { sentence, word, zone } from "../../app/i18n";
import { byUrgency, isUntaken, limitOf } from "../../core/queue";
import { clockTime, hourMinute } from "../../core/time";
import { useWorld } from "../../live/hooks";
import { Age } from "../../ui/Age";
import { Heading } from "../../ui/parts";
import { PriorityMark } from "../../ui/PriorityMark";
import { PatrolStrip } from "../patrol/PatrolStrip";
import type { Patrol, PatrolRun } from "../patrol/patrol";
import type { PatrolActs } from "../patrol/patrolActs";
import type { DeskContext } from "../shell/context";
import { showStop, tickClear } from "./acts";
import { look } from "./looked";
import { DESK_WINDOW } from "../shell/windows";
import classes from "./wall.module.css";
import { setWall } from "./wallStore";

/** Kinds that would drown the rest. */
const QUIET = new Set(["signals.received", "viewing.opened", "viewing.ended"]);
const LINES_SHOWN = 8;
/** A flood is handled at the desk: the strip lists the gravest, and says how many there are. */
const ALARMS_SHOWN = 30;

interface Props {
  context: DeskContext;
  run: PatrolRun | null;
  patrols: readonly Patrol[];
  acts: PatrolActs;
}

/** Main courante, round, alarms: what goes on beside the pictures. */
export function WallFoot({ context, run, patrols, acts }: Props) {
  const seen = useSyncExternalStore(look.subscribe, look.get);
  return (
    <footer className={classes.foot}>
      <Lines />
      <PatrolStrip
        run={run}
        patrols={patrols}
        acts={acts}
        show={showStop}
        clear={tickClear}
        seen={seen}
        choose={() => setWall({ sheet: "patrols" })}
        end={() => setWall({ sheet: "patrols" })}
      />
      <Alarms context={context} />
    </footer>
  );
}

/** A list whose first line is what matters: read further down by hand, it goes back as soon as the hands leave it. */
function useFromTheTop() {
  const box = useRef<HTMLDivElement>(null);
  const back = (): void => {
    if (box.current !== null && !box.current.contains(document.activeElement)) {
      box.current.scrollTop = 0;
    }
  };
  return { ref: box, onPointerLeave: back, onBlur: () => requestAnimationFrame(back) };
}

function Lines() {
  const { t } = useLingui();
  const lines = useWorld((world) => world.lines);
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  const told = lines.filter((line) => !QUIET.has(line.kind)).slice(0, LINES_SHOWN);
  const fromTheTop = useFromTheTop();
  return (
    <section>
      <Heading>
        <Trans>Main courante</Trans>
      </Heading>
      <div
        {...fromTheTop}
        className={classes.lines}
        role="log"
        aria-live="off"
        tabIndex={0}
        aria-label={t`Main courante`}
      >
        {told.length === 0 ? (
          <p className="faint">
            <Trans>Rien encore cette nuit</Trans>
          </p>
        ) : null}
        {told.map((line) => (
          <p key={line.id}>
            <time className="faint">{clockTime(line.happened_at, shown)}</time> {sentence(line)}
          </p>
        ))}
      </div>
    </section>
  );
}

/** The gravest first, and always in sight; how many wait is said above, whatever the height of the strip. */
function Alarms({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const fromTheTop = useFromTheTop();
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  const waiting = context.rows.filter((row) => isUntaken(row) && row.family !== "event").sort(byUrgency);
  const last = useWorld((world) => world.lines.find((line) => line.kind === "incident.closed") ?? null);
  return (
    <section>
      <Heading aside={waiting.length > 0 ? <Trans>{waiting.length} à prendre</Trans> : null}>
        <Trans>Alarmes</Trans>
      </Heading>
      <div
        {...fromTheTop}
        className={`${classes.lines} ${classes.alarms}`}
        tabIndex={0}
        role="group"
        aria-label={t`Alarmes`}
      >
        {waiting.length === 0 ? (
          <p className="dim">
            <Trans>aucune à traiter</Trans>
            {last?.site ? (
              <>
                {" · "}
                <Trans>
                  dernière clôturée {hourMinute(last.happened_at, shown)}, {last.site.name}
                </Trans>
              </>
            ) : null}
          </p>
        ) : null}
        {waiting.slice(0, ALARMS_SHOWN).map((row) => (
          <p key={row.id}>
            <a className={classes.alarm} href={`/dossier/${row.id}`} target={DESK_WINDOW}>
              <PriorityMark band={row.band} size={14} />{" "}
              <span>
                {word("category", row.category)} · {row.site.name}
              </span>
            </a>{" "}
            <Age since={row.opened_at} limit={limitOf(row)} />
          </p>
        ))}
      </div>
    </section>
  );
}
