import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore, type ReactNode } from "react";
import type { IncidentRow } from "../../core/views";
import { Empty } from "../../ui/parts";
import { setUi, ui, type Pane } from "../shell/ui";
import classes from "./dossier.module.css";

export function DossierTabs({ row }: { row: IncidentRow }) {
  const { t } = useLingui();
  const pane = useSyncExternalStore(ui.subscribe, () => ui.get().pane);
  const tabs: [Pane, string][] = [
    [1, t`Procédure`],
    [2, t`Signaux ${row.signal_count}`],
    [3, t`Images`],
    [4, t`Fiche site`],
    [5, t`Carte`],
  ];
  return (
    <>
      <div className={classes.tabs} role="tablist">
        {tabs.map(([key, label]) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`tab-${key}`}
            aria-selected={pane === key}
            aria-controls="tab-panel"
            onClick={() => setUi({ pane: key })}
          >
            <kbd>{key}</kbd> {label}
          </button>
        ))}
      </div>
      <div className={classes.panel} id="tab-panel" role="tabpanel" aria-labelledby={`tab-${pane}`} tabIndex={0} data-keyscope="card">
        {PANELS[pane]}
      </div>
    </>
  );
}

/** Honest about being empty: images and plans come with the video part. */
const PANELS: Record<Pane, ReactNode> = {
  1: null,
  2: null,
  3: (
    <Empty title={<Trans>Aucune image</Trans>}>
      <Trans>Ce site n’a pas de caméra raccordée au centre. La levée de doute se fait par le contre-appel et l’agent.</Trans>
    </Empty>
  ),
  4: null,
  5: (
    <Empty title={<Trans>Aucune carte</Trans>}>
      <Trans>La carte et les plans ne sont pas encore installés. L’adresse et l’accès sont dans la fiche du site.</Trans>
    </Empty>
  ),
};
