import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { word } from "../../app/i18n";
import { hourMinute } from "../../core/time";
import type { Dossier } from "../../core/dossier";
import { isLate } from "../../core/queue";
import type { IncidentRow } from "../../core/views";
import { useJudged } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { ringText } from "../queue/words";
import { actOn, take } from "../shell/commands";
import type { DeskContext } from "../shell/context";
import { ask, asking } from "./holding";
import { Asked } from "./HoldingForms";
import classes from "./dossier.module.css";

/** Who holds the dossier, and what may change that. */
export function Holding(props: { row: IncidentRow; dossier: Dossier | null; context: DeskContext }) {
  const { row, dossier, context } = props;
  const open = useSyncExternalStore(asking.subscribe, asking.get);
  const shown = open?.row === row.id ? open.verb : null;
  const can = (verb: string): boolean => row.abilities.includes(verb);
  const close = (): void => asking.set(() => null);
  useEscape(shown === null ? null : close);
  return (
    <div className={classes.holding}>
      <HolderWords row={row} context={context} dossier={dossier} />
      <span className={classes.spread} />
      {can("take") ? (
        <Button tone="go" hotkey="Ctrl+Enter" onClick={() => void take(row, context.open)}>
          <Trans>Prendre en compte</Trans>
        </Button>
      ) : null}
      {can("resume") ? (
        <Button tone="go" hotkey="Ctrl+Enter" onClick={() => void actOn(row, "resume")}>
          <Trans>Reprendre</Trans>
        </Button>
      ) : null}
      <Parting row={row} dossier={dossier} parking={shown === "park"} can={can} />
      <Offered row={row} can={can} />
      <Asked asking={shown !== null && can(shown) ? shown : null} row={row} dossier={dossier} done={close} />
    </div>
  );
}

interface PartingProps {
  row: IncidentRow;
  dossier: Dossier | null;
  /** The form of «mettre en attente» is open. */
  parking: boolean;
  can: (verb: string) => boolean;
}

/** The ways to part with a dossier, or to take it from a colleague. */
function Parting({ row, dossier, parking, can }: PartingProps) {
  const { t } = useLingui();
  return (
    <>
      {can("park") ? (
        <Button hotkey="M" aria-expanded={parking} onClick={() => ask(row.id, "park")}>
          <Trans>Mettre en attente…</Trans>
        </Button>
      ) : null}
      {can("hand-over") && (dossier?.colleagues.length ?? 0) > 0 ? (
        <Button tone="plain" onClick={() => ask(row.id, "hand-over")}>
          <Trans>Confier à…</Trans>
        </Button>
      ) : null}
      {can("take-over") ? (
        <Button onClick={() => ask(row.id, "take-over")}>
          <Trans>Reprendre à {row.owner?.name ?? t`un collègue`}…</Trans>
        </Button>
      ) : null}
      {can("release") ? (
        <Button tone="plain" onClick={() => ask(row.id, "release")}>
          <Trans>Remettre dans la file</Trans>
        </Button>
      ) : null}
      {can("hand-up") ? (
        <Button tone="plain" onClick={() => ask(row.id, "hand-up")}>
          <Trans>Demander au chef…</Trans>
        </Button>
      ) : null}
    </>
  );
}

/** Entries by which a dossier comes into somebody's hands. */
const TAKES = ["incident.taken", "incident.retaken", "incident.taken_over", "incident.accepted"];

/** Since when who holds it holds it: `taken_at` is the hour of the first prise en compte, whosever it was. */
function heldSince(row: IncidentRow, dossier: Dossier | null): string | null {
  const mine = dossier?.entries.filter(
    (entry) => TAKES.includes(entry.kind) && entry.actor_name === row.owner?.name,
  );
  const last = mine
    ?.map((entry) => entry.happened_at)
    .sort()
    .at(-1);
  return last ?? row.taken_at;
}

function HolderWords(props: { row: IncidentRow; context: DeskContext; dossier: Dossier | null }) {
  const { row, context, dossier } = props;
  const conclusion = dossier?.closing.note ?? null;
  const since = heldSince(row, dossier);
  const zone = row.site.timezone;
  const late = useJudged((at) => isLate(row, at));
  const ring = ringText(row, late) ?? word("ring_reason", row.ring_reason);
  if (row.closed_at !== null) {
    return (
      <b>
        <Trans>
          Clos à {hourMinute(row.closed_at, zone)} · {word("outcome", row.outcome)}
        </Trans>
        {conclusion ? ` – ${conclusion}` : ""}
      </b>
    );
  }
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
        {row.ringing_since ? <Trans>Sonne : {ring}</Trans> : <Trans>À personne</Trans>}
      </span>
    );
  }
  return (
    <span className="dim">
      {row.owner.id === context.me.user.id ? <Trans>À moi</Trans> : <Trans>Tenu par {row.owner.name}</Trans>}
      {since ? (
        <>
          {" · "}
          <Trans>pris à {hourMinute(since, zone)}</Trans>
        </>
      ) : null}
      {row.ringing_since ? (
        <>
          {" · "}
          <Trans>Sonne : {ring}</Trans>
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
        <Button tone="go" hotkey="Ctrl+Enter" onClick={() => void actOn(row, "accept")}>
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
