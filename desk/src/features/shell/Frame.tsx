import { useMemo, useSyncExternalStore, type ReactNode } from "react";
import { CaptureBar } from "../capture/CaptureBar";
import { dossierPartActions } from "../dossier/actions";
import { Guard } from "../../ui/Guard";
import { CommandBar } from "../palette/CommandBar";
import { useTellInView } from "../wall/hotspot";
import { KeysHelp } from "./KeysHelp";
import { Notices } from "./Notices";
import { TopBar } from "./TopBar";
import { UrgentBanner } from "./UrgentBanner";
import { shellActions } from "./actions";
import type { DeskContext } from "./context";
import classes from "./shell.module.css";
import { ui } from "./ui";
import { useDeskContext } from "./useDeskContext";
import { useKeys } from "./useKeys";

/** What surrounds every page: top bar, P1 banner, capture bar, command bar, keys. Alarms are never out of sight. */
export function Frame({ children, page }: { children: (context: DeskContext) => ReactNode; page?: string }) {
  const context = useDeskContext();
  const actions = useMemo(() => [...shellActions(), ...dossierPartActions()], []);
  useKeys(actions, context);
  // The wall's hotspot follows the dossier of the main window, not of a page beside it.
  useTellInView(context.shown, page === undefined);
  const narrow = useSyncExternalStore(ui.subscribe, () => ui.get().narrow);
  const logOpen = useSyncExternalStore(ui.subscribe, () => ui.get().logOpen);
  return (
    <div
      className={page ? classes.single : classes.desk}
      data-narrow={narrow}
      data-log={logOpen ? "open" : "folded"}
    >
      <TopBar context={context} page={page} />
      <UrgentBanner context={context} />
      {page ? <Guard of={page}>{children(context)}</Guard> : children(context)}
      <CaptureBar inView={context.inView} />
      <CommandBar actions={actions} context={context} />
      <KeysHelp actions={actions} context={context} />
      <Notices overtaken={false} />
    </div>
  );
}
