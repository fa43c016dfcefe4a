import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import { hourMinute } from "../../core/time";
import type { Dossier } from "../../core/dossier";
import type { IncidentRow } from "../../core/views";
import { Button } from "../../ui/Button";
import { actOn, take } from "../shell/commands";
import type { DeskContext } from "../shell/context";
import { Asked, type Asking } from "./HoldingForms";
import classes from "./dossier.module.css";

/** Who holds the dossier, and what may change that. */
export function Holding(props: { row: IncidentRow; dossier: Dossier | null; context: DeskContext }) {
  const { row, dossier, context } = props;
  const { t } = useLingui();
  const [asking, setAsking] = useState<Asking>(null);
  const can = (verb: string): boolean => row.abilities.includes(verb);
  const done = (): void => setAsking(null);
  return (
    <div className={classes.holding}>
      <HolderWords row={row} context={context} />
      <span className={classes.spread} />
      {can("take") ? (
        <Button tone="go" hotkey="Ctrl+Enter" onClick={() => void take(row, context.open)}>
          <Trans>Prendre en compte</Trans>
        </Button>
      ) : null}
      {can("resume") ? (
        <Button tone="go" onClick={() => void actOn(row, "resume")}>
          <Trans>Reprendre</Trans>
        </Button>
      ) : null}
      {can("park") ? (
        <Button
          aria-expanded={asking === "park"}
          onClick={() => setAsking(asking === "park" ? null : "park")}
        >
          <Trans>Mettre en attente…</Trans>
        </Button>
      ) : null}
      {can("hand-over") && (dossier?.colleagues.length ?? 0) > 0 ? (
        <Button tone="plain" onClick={() => setAsking(asking === "hand-over" ? null : "hand-over")}>
          <Trans>Confier à…</Trans>
        </Button>
      ) : null}
      {can("take-over") ? (
        <Button onClick={() => setAsking(asking === "take-over" ? null : "take-over")}>
          <Trans>Reprendre à {row.owner?.name ?? t`un collègue`}…</Trans>
        </Button>
      ) : null}
      {can("release") ? (
        <Button tone="plain" onClick={() => setAsking(asking === "release" ? null : "release")}>
          <Trans>Remettre dans la file</Trans>
        </Button>
      ) : null}
      {can("hand-up") ? (
        <Button tone="plain" onClick={() => setAsking(asking === "hand-up" ? null : "hand-up")}>
          <Trans>Demander au chef…</Trans>
        </Button>
      ) : null}
      <Offered row={row} can={can} />
      <Asked asking={asking} row={row} dossier={dossier} done={done} />
    </div>
  );
}

function HolderWords({ row, context }: { row: IncidentRow; context: DeskContext }) {
  const zone = row.site.timezone;
  if (row.state === "parked") {
    return (
      <span className="dim">
        <Trans>
          En attente jusqu’à {row.parked_until ? hourMinute(row.parked_until, zone) : "—"} ·{" "}
          {word("park_reason", row.parked_reason)}
        </Trans>
      </span>
    );
  }
  if (row.owner === null) {
    return (
      <span className="dim">
        {row.ringing_since ? (
          <Trans>Sonne : {word("ring_reason", row.ring_reason)}</Trans>
        ) : (
          <Trans>À personne</Trans>
        )}
      </span>
    );
  }
  return (
    <span className="dim">
      {row.owner.id === context.me.user.id ? <Trans>À moi</Trans> : <Trans>Tenu par {row.owner.name}</Trans>}
      {row.taken_at ? (
        <>
          {" · "}
          <Trans>pris à {hourMinute(row.taken_at, zone)}</Trans>
        </>
      ) : null}
    </span>
  );
}

/** Offered to me, or to somebody else by me; and the chef's release of a duress (practice P1). */
function Offered({ row, can }: { row: IncidentRow; can: (verb: string) => boolean }) {
  return (
    <>
      {can("accept") ? (
        <Button tone="go" onClick={() => void actOn(row, "accept")}>
          <Trans>Accepter ce dossier</Trans>
        </Button>
      ) : null}
      {can("decline") ? (
        <Button onClick={() => void actOn(row, "decline")}>
          <Trans>Le laisser à celui qui le tient</Trans>
        </Button>
      ) : null}
      {can("release-duress") ? (
        <Button tone="warn" onClick={() => void actOn(row, "release-duress")}>
          <Trans>Lever la contrainte (chef de salle)</Trans>
        </Button>
      ) : null}
    </>
  );
}
