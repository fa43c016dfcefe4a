import { plural } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { word } from "../../app/i18n";
import { Age } from "../../ui/Age";
import { PriorityMark } from "../../ui/PriorityMark";
import { TroubleBar } from "../shell/TroubleBar";
import type { DeskContext } from "../shell/context";
import { DESK_WINDOW } from "../shell/windows";
import shell from "../shell/shell.module.css";
import classes from "./wall.module.css";

/** What is wrong with the room, and a P1 that nobody has: over the pictures, never instead of them. */
export function WallAlert({ context }: { context: DeskContext }) {
  const { urgent, me } = context;
  const others = context.rows.filter((row) => row.ringing_since !== null && row.id !== urgent?.id).length;
  return (
    <div role="alert" className={shell.alertSlot}>
      <TroubleBar zone={me.centre.timezone} />
      {urgent === null ? null : (
        <div className={shell.urgent}>
          <PriorityMark band={urgent.band} size={20} inherit />
          <b>P{urgent.priority}</b>
          <b>{word("category", urgent.category)}</b>
          <span className={shell.cut}>{urgent.site.name}</span>
          <b>
            <Age since={urgent.opened_at} />
          </b>
          <span className={shell.spread} />
          {others > 0 ? (
            <span>{plural(others, { one: "# autre sonne", other: "# autres sonnent" })}</span>
          ) : null}
          <a className={classes.toDesk} href={`/dossier/${urgent.id}`} target={DESK_WINDOW}>
            <Trans>voir au poste</Trans>
          </a>
        </div>
      )}
    </div>
  );
}
