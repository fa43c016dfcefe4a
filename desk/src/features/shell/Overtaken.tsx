import { plural } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { word } from "../../app/i18n";
import { useMe } from "../../app/session";
import { hourMinute } from "../../core/time";
import type { LogLine } from "../../core/views";
import { Button } from "../../ui/Button";
import { DESK_WINDOW } from "./windows";
import { isSame, latestOf, markSeen, overtaken, SEEN_KEY } from "./overtaken";
import classes from "./shell.module.css";

/** As many as stand there whole; the rest is a number. */
const SHOWN = 3;

/** Who held a dossier is told that it was taken, by whom and why, until he has seen it. `keyed`: its key acts on this page. */
export function Overtaken({ keyed = false }: { keyed?: boolean }) {
  const lines = useSyncExternalStore(overtaken.subscribe, overtaken.get);
  const me = useMe();
  const latest = latestOf(lines);
  const more = latest.length - SHOWN;
  return (
    <>
      {latest.slice(0, SHOWN).map((line, place) => (
        <div key={line.id} className={classes.overtaken}>
          <Words line={line} zone={me.centre.timezone} />
          <span className={classes.overtakenActs}>
            <Button
              hotkey={keyed && place === 0 ? SEEN_KEY : null}
              onClick={() =>
                markSeen(
                  me.user,
                  lines.filter((other) => isSame(line, other)),
                )
              }
            >
              <Trans>Vu</Trans>
            </Button>
            {line.incident ? (
              <a
                href={`/dossier/${line.incident.id}`}
                target={location.pathname.startsWith("/mur") ? DESK_WINDOW : undefined}
              >
                <Trans>voir le dossier</Trans>
              </a>
            ) : null}
          </span>
        </div>
      ))}
      {more > 0 ? (
        <div className={classes.overtaken}>
          {plural(more, {
            one: "# autre de vos dossiers est repris",
            other: "# autres de vos dossiers sont repris",
          })}
          <span className={classes.overtakenActs}>
            <Button onClick={() => markSeen(me.user, lines)}>
              <Trans>Tout est vu</Trans>
            </Button>
          </span>
        </div>
      ) : null}
    </>
  );
}

function Words({ line, zone }: { line: LogLine; zone: string }) {
  const reason = line.params["reason"];
  const why = typeof reason === "string" ? word("take_over_reason", reason) : null;
  const who = line.actor_name ?? "Veilleur";
  const which = [line.site?.name, line.incident?.reference].filter(Boolean).join(" · ");
  const at = hourMinute(line.happened_at, zone);
  return (
    <p>
      <b>
        <Trans>{who} a repris votre dossier</Trans>
      </b>
      <span>{which}</span>
      <span className="dim">
        <Trans>à {at}</Trans>
        {why === null ? null : ` · ${why}`}
      </span>
    </p>
  );
}
