import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useSyncExternalStore } from "react";
import { CaptureBar } from "../capture/CaptureBar";
import { dossierPartActions } from "../dossier/actions";
import { DossierPane } from "../dossier/DossierPane";
import { CommandBar } from "../palette/CommandBar";
import { Queue } from "../queue/Queue";
import { KeysHelp } from "./KeysHelp";
import { Notices } from "./Notices";
import { RightColumn } from "./RightColumn";
import { TopBar } from "./TopBar";
import { UrgentBanner } from "./UrgentBanner";
import { shellActions } from "./actions";
import type { DeskContext } from "./context";
import classes from "./shell.module.css";
import { setUi, ui, type NarrowPane } from "./ui";
import { useDeskContext } from "./useDeskContext";
import { useKeys } from "./useKeys";

/** The desk: queue, dossier, dock and live main courante, capture bar. The page never scrolls, panes do. */
export function Desk() {
  const { t } = useLingui();
  const context = useDeskContext();
  const actions = useMemo(() => [...shellActions(), ...dossierPartActions()], []);
  useKeys(actions, context);
  const narrow = useSyncExternalStore(ui.subscribe, () => ui.get().narrow);
  const logOpen = useSyncExternalStore(ui.subscribe, () => ui.get().logOpen);
  return (
    <div className={classes.desk} data-narrow={narrow} data-log={logOpen ? "open" : "folded"}>
      <TopBar context={context} />
      <UrgentBanner context={context} />
      <NarrowTabs context={context} narrow={narrow} />
      <aside className={classes.queue} aria-label={t`File des dossiers`}>
        <Queue context={context} />
      </aside>
      <main className={classes.centre}>
        <DossierPane context={context} />
      </main>
      <section className={classes.right} aria-label={t`Mes dossiers et main courante`}>
        <RightColumn context={context} />
      </section>
      <CaptureBar inView={context.inView} />
      <CommandBar actions={actions} context={context} />
      <KeysHelp actions={actions} context={context} />
      <Notices />
    </div>
  );
}

function NarrowTabs({ context, narrow }: { context: DeskContext; narrow: NarrowPane }) {
  const tab = (key: NarrowPane, label: React.ReactNode) => (
    <button type="button" aria-pressed={narrow === key} onClick={() => setUi({ narrow: key })}>
      {label}
    </button>
  );
  return (
    <nav className={classes.tabs}>
      {tab("queue", <Trans>File</Trans>)}
      {tab("dossier", context.inView ? context.inView.site.name : <Trans>Dossier</Trans>)}
      {tab("log", <Trans>Mes dossiers · main courante</Trans>)}
    </nav>
  );
}
