import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { sentence, word, zone } from "../../app/i18n";
import { byUrgency, limitOf } from "../../core/queue";
import { clockTime, hourMinute } from "../../core/time";
import { useWorld } from "../../live/hooks";
import { Age } from "../../ui/Age";
import { Heading } from "../../ui/parts";
import { PriorityMark } from "../../ui/PriorityMark";
import { PatrolStrip } from "../patrol/PatrolStrip";
import type { Patrol, PatrolRun } from "../patrol/patrol";
import type { PatrolActs } from "../patrol/patrolActs";
import type { DeskContext } from "../shell/context";
import { showStop } from "./acts";
import { DESK_WINDOW } from "../shell/windows";
import classes from "./wall.module.css";
import { setWall } from "./wallStore";

/** Kinds that would drown the rest. */
const QUIET = new Set(["signals.received", "viewing.opened", "viewing.ended"]);
const LINES_SHOWN = 8;

interface Props {
  context: DeskContext;
  run: PatrolRun | null;
  patrols: readonly Patrol[];
  acts: PatrolActs;
}

/** Main courante, round, alarms: what goes on beside the pictures. */
export function WallFoot({ context, run, patrols, acts }: Props) {
  return (
    <footer className={classes.foot}>
      <Lines />
      <PatrolStrip
        run={run}
        patrols={patrols}
        acts={acts}
        show={showStop}
        choose={() => setWall({ sheet: "patrols" })}
        end={() => setWall({ sheet: "patrols" })}
      />
      <Alarms context={context} />
    </footer>
  );
}

function Lines() {
  const { t } = useLingui();
  const lines = useWorld((world) => world.lines);
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  const told = lines.filter((line) => !QUIET.has(line.kind)).slice(0, LINES_SHOWN);
  return (
    <section>
      <Heading>
        <Trans>Main courante</Trans>
      </Heading>
      <div className={classes.lines} role="log" aria-live="off" tabIndex={0} aria-label={t`Main courante`}>
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

function Alarms({ context }: { context: DeskContext }) {
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  const waiting = context.rows
    .filter((row) => row.state !== "closed" && row.family !== "event" && row.owner === null)
    .sort(byUrgency);
  const last = useWorld((world) => world.lines.find((line) => line.kind === "incident.closed") ?? null);
  return (
    <section>
      <Heading>
        <Trans>Alarmes</Trans>
      </Heading>
      <div className={classes.lines} tabIndex={0} role="group" aria-label="Alarmes">
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
        {waiting.slice(0, LINES_SHOWN).map((row) => (
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
