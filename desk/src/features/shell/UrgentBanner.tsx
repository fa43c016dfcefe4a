import { Trans } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { can } from "../../app/session";
import { givesWay } from "../../core/queue";
import type { IncidentRow } from "../../core/views";
import { Age } from "../../ui/Age";
import { Kbd } from "../../ui/Kbd";
import { PriorityMark } from "../../ui/PriorityMark";
import { Overtaken } from "./Overtaken";
import { TroubleBar } from "./TroubleBar";
import { switchTo } from "./commands";
import type { DeskContext } from "./context";
import classes from "./shell.module.css";

/** A P1, or a P2 that nobody took in time (P7), while one is busy: a banner with its key, never a modal, never the focus (U3, practice P8). */
export function UrgentBanner({ context }: { context: DeskContext }) {
  return (
    <div className={classes.alertSlot}>
      <Urgent context={context} />
      <div role="status" className={classes.told}>
        <Overtaken keyed />
      </div>
    </div>
  );
}

function Urgent({ context }: { context: DeskContext }) {
  const { urgent, inView, me, open } = context;
  return (
    <div role="alert">
      <TroubleBar zone={me.centre.timezone} />
      {urgent === null ? null : (
        <div className={classes.urgent}>
          <PriorityMark band={urgent.band} size={20} inherit />
          <b>
            {word("priority", String(urgent.priority))} {word("category", urgent.category)}
          </b>
          {urgent.duress && urgent.category !== "duress" ? (
            <b>
              <Trans>CONTRAINTE</Trans>
            </b>
          ) : null}
          {urgent.marks.includes("unauthenticated") ? <span>{word("mark", "unauthenticated")}</span> : null}
          <span className={classes.cut}>{urgent.site.name}</span>
          <b>
            <Age since={urgent.opened_at} />
          </b>
          <span className={classes.spread} />
          {me.post === null ? (
            can(me, "post.take") ? (
              <Trans>prenez un poste pour le traiter</Trans>
            ) : null
          ) : (
            <TakeIt urgent={urgent} held={inView?.owner?.id === me.user.id ? inView : null} open={open} />
          )}
        </div>
      )}
    </div>
  );
}

/** `F8`, and what becomes of the dossier in hand: a graver alarm puts it aside, another leaves it in hand. */
function TakeIt(props: { urgent: IncidentRow; held: IncidentRow | null; open: DeskContext["open"] }) {
  const { urgent, held, open } = props;
  return (
    <button type="button" onClick={() => void switchTo(urgent, held, open)}>
      <Kbd of="F8" />{" "}
      {held !== null && givesWay(held, urgent) ? (
        <>
          <Trans>mettre en attente et prendre</Trans>{" "}
          <span className={classes.kept}>
            <Trans>les brouillons sont gardés</Trans>
          </span>
        </>
      ) : (
        <>
          <Trans>prendre</Trans>{" "}
          {held === null ? null : (
            <span className={classes.kept}>
              <Trans>celui en main vous reste</Trans>
            </span>
          )}
        </>
      )}
    </button>
  );
}
