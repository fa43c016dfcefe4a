import { useLingui } from "@lingui/react/macro";
import type { Dossier } from "../../core/dossier";
import { isOwn } from "../../core/signals";
import { Kbd } from "../../ui/Kbd";
import { setUi, type Pane } from "../shell/ui";
import classes from "./dossier.module.css";

/** The dossier's panes, each one key away. */
export function Tabs({ pane, dossier }: { pane: Pane; dossier: Dossier | null }) {
  const { t } = useLingui();
  const names: [Pane, string, number | null][] = [
    [1, t`Procédure`, null],
    [2, t`Signaux`, dossier ? dossier.signals.filter(isOwn).length : null],
    [3, t`Images`, null],
    [4, t`Fiche site`, null],
    [5, t`Carte`, null],
  ];
  return (
    <div className={classes.tabs} role="tablist" aria-label={t`Volets du dossier`}>
      {names.map(([number, label, count]) => (
        <button
          key={number}
          id={`tab-${number}`}
          type="button"
          role="tab"
          aria-selected={pane === number}
          className={pane === number ? classes.on : ""}
          onClick={() => setUi({ pane: number })}
        >
          <Kbd of={`Digit${number}`} /> {label} {count === null ? null : <span className="dim">{count}</span>}
        </button>
      ))}
    </div>
  );
}
