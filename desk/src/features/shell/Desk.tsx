import { Trans, useLingui } from "@lingui/react/macro";
import { useSyncExternalStore, type ReactNode } from "react";
import { DossierPane } from "../dossier/DossierPane";
import { Guard } from "../../ui/Guard";
import { Queue } from "../queue/Queue";
import { Frame } from "./Frame";
import { RightColumn } from "./RightColumn";
import type { DeskContext } from "./context";
import classes from "./shell.module.css";
import { setUi, ui, type NarrowPane } from "./ui";

/** The desk: queue, dossier, dock and live main courante. The page never scrolls, panes do. */
export function Desk() {
  return <Frame>{(context) => <Panes context={context} />}</Frame>;
}

function Panes({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  return (
    <>
      <NarrowTabs context={context} />
      <aside className={classes.queue} aria-label={t`File des dossiers`}>
        <Queue context={context} />
      </aside>
      <main className={classes.centre}>
        <Guard of={context.inView?.id ?? null}>
          <DossierPane context={context} />
        </Guard>
      </main>
      <section className={classes.right} aria-label={t`Mes dossiers et main courante`}>
        <Guard of={null}>
          <RightColumn context={context} />
        </Guard>
      </section>
    </>
  );
}

function NarrowTabs({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const narrow = useSyncExternalStore(ui.subscribe, () => ui.get().narrow);
  const tab = (key: NarrowPane, label: ReactNode) => (
    <button type="button" aria-pressed={narrow === key} onClick={() => setUi({ narrow: key })}>
      {label}
    </button>
  );
  return (
    <nav className={classes.tabs} aria-label={t`Volets`}>
      {tab("queue", <Trans>File</Trans>)}
      {tab("dossier", context.inView ? context.inView.site.name : <Trans>Dossier</Trans>)}
      {tab("log", <Trans>Mes dossiers · main courante</Trans>)}
    </nav>
  );
}
