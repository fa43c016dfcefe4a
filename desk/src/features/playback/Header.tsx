import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { clockTime, day } from "../../core/time";
import { SECOND } from "../../video/playbackPlan";
import { Button } from "../../ui/Button";
import { Chip } from "../../ui/parts";
import { regimeWord } from "../cameras/words";
import { leadOf } from "./acts";
import { isoOf } from "./instant";
import type { PlaybackSession } from "./session";
import { refusalText } from "./refusal";
import classes from "./playback.module.css";

const DAY = 86_400 * SECOND;

/** Which consultation this is: cameras, motif, since when; under which regime, and until when it is kept. */
export function Header({
  session,
  zone,
  onAdd,
  onClose,
}: {
  session: PlaybackSession;
  zone: string;
  onAdd: () => void;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const state = useSyncExternalStore(session.state.subscribe, session.state.get);
  const lead = leadOf(session)?.camera ?? null;
  const sites = [...new Set(state.entries.map(({ camera }) => camera.site.name))];
  const days = lead?.retention_days ?? 0;
  const keptUntil = day(isoOf(session.wanted.at + days * DAY).slice(0, 10));
  return (
    <header className={classes.header}>
      <Chip title={sites.join(", ")}>
        {sites.length === 1 ? sites[0] : <Plural value={sites.length} one="# site" other="# sites" />} ·{" "}
        <Plural value={state.entries.length} one="# caméra" other="# caméras en phase" />
      </Chip>
      <span className={classes.motif}>
        <Trans>Motif : {state.motif ?? t`hérité du dossier`}</Trans>
      </span>
      <span className={`dim ${classes.opened}`}>
        {state.openedAt === null ? null : (
          <Trans>consultation tracée, ouverte à {clockTime(state.openedAt, zone)}</Trans>
        )}
      </span>
      {state.refused.map((refusal) => (
        <span key={refusal.camera} className="late" role="alert">
          <Trans>caméra refusée</Trans> · {refusalText(refusal.code, refusal.params)}
        </span>
      ))}
      <span className={classes.spread} />
      {lead === null ? null : (
        <span className="dim">
          {regimeWord(lead.regime)} ·{" "}
          <Trans>
            conservation {days} jours, jusqu’au {keptUntil}
          </Trans>
        </span>
      )}
      <Button onClick={onAdd}>
        <Trans>Ajouter une caméra…</Trans>
      </Button>
      <Button onClick={onClose}>
        <Trans>Terminer</Trans>
      </Button>
    </header>
  );
}
