import { useLingui } from "@lingui/react/macro";
import { duressOf, nextDuress } from "../../core/queue";
import type { DeskContext } from "./context";
import classes from "./shell.module.css";

/**
 * A customer under duress somewhere in this perimeter: a standing sign on every page while his dossier is open
 * (practice P1). Nothing sounds, no screen reader is told, nothing moves; it opens the dossier.
 */
export function DuressChip({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const rows = duressOf(context.rows);
  const next = nextDuress(rows, context.shown);
  if (next === null) {
    return null;
  }
  const holder = next.owner?.name ?? t`personne`;
  return (
    <button
      type="button"
      className={classes.duress}
      onClick={() => context.open(next.id)}
      title={t`${next.site.name} : danger pour une personne, sans bruit. Tenu par : ${holder}.`}
    >
      {t`CONTRAINTE`} · {rows.length}
    </button>
  );
}
