import { Trans } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { word } from "../../app/i18n";
import type { CallView } from "../../core/handling";
import { Countdown } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { useCardKeys } from "./cardKeys";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** The foot stands as long as the dossier. */
const stays = (): (() => void) => () => undefined;

/** A result that may still be undone, at the dossier's foot where nothing scrolls it away: nothing follows from it before its few seconds are over (P6). */
export function SettledSoon({ call, send }: { call: CallView; send: Send }) {
  const undo = (): void => void send(`/api/calls/${call.id}/undo`);
  useCardKeys([{ key: "Ctrl+Z", label: word("call_result", call.result), perform: undo }]);
  const foot = useSyncExternalStore(stays, () => document.querySelector("[data-foot]"));
  const line = (
    <div className={classes.settling} role="status">
      <span>
        {call.label}
        {"\u00a0"}: <b>{word("call_result", call.result)}</b>
      </span>
      <span className={classes.spread} />
      {call.settles_at ? <Countdown until={call.settles_at} lateWord={() => "…"} /> : null}
      <Button hotkey="Ctrl+Z" onClick={undo}>
        <Trans>Annuler ce résultat</Trans>
      </Button>
    </div>
  );
  return foot === null ? line : createPortal(line, foot);
}
