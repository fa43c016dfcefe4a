import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent } from "react";
import { can, useMe } from "../../app/session";
import { draftKey } from "../../core/drafts";
import type { IncidentRow } from "../../core/views";
import { useIncidents } from "../../live/hooks";
import { handsBack } from "../shell/hands";
import classes from "./capture.module.css";
import { drafts, openDrafts, writeDraft } from "./drafts";
import { CAPTURE_ID } from "./focus";
import { enter, openWaiting } from "./waiting";
import { WaitingChip } from "./WaitingChip";

/**
 * Always there: type, Enter, it is in the main courante at the time of the first key. The text belongs to the
 * dossier in view at that key (the chip says which); switching dossiers keeps each one's draft. Without the server an
 * entry waits on this machine and leaves by itself at its return.
 */
export function CaptureBar({ inView }: { inView: IncidentRow | null }) {
  const { t } = useLingui();
  const me = useMe();
  const rows = useIncidents();
  openDrafts(me.user.id);
  useEffect(() => openWaiting(me.user.id), [me.user.id]);
  const held = useSyncExternalStore(drafts.subscribe, drafts.get);
  const [bound, setBound] = useState<number | null>(inView?.id ?? null);
  const field = useRef<HTMLInputElement>(null);
  const viewId = inView?.id ?? null;

  // Another dossier in view brings its own draft, unless the hands are in the field.
  useEffect(() => {
    if (document.activeElement !== field.current || (drafts.get()[draftKey(bound)]?.text ?? "") === "") {
      setBound(viewId);
    }
  }, [viewId, bound]);

  const key = draftKey(bound);
  const draft = held[key];
  const row = bound === null ? null : (rows.find((open) => open.id === bound) ?? null);
  const elsewhere = bound !== viewId;

  const send = (): void => {
    const text = draft?.text.trim();
    if (draft && text) {
      enter(text, bound, draft.firstKey);
      writeDraft(key, "");
    }
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && event.ctrlKey && !draft) {
      return; // an empty bar keeps no key from the dossier
    }
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      field.current?.blur();
      handsBack();
    }
  };
  if (!can(me, "logbook.write")) {
    return (
      <footer className={classes.bar}>
        <kbd className={classes.wide}>Ctrl+K</kbd>
        <span className="dim">
          <Trans>Votre rôle n’écrit pas dans la main courante.</Trans>
        </span>
      </footer>
    );
  }
  return (
    <footer className={classes.bar}>
      <kbd className={classes.wide}>Ctrl+K</kbd>
      <div className={classes.field}>
        <span className={`${classes.chip} ${elsewhere ? classes.elsewhere : ""}`}>
          → {row ? row.site.name : bound === null ? t`Salle` : t`Dossier clos`}
        </span>
        <input
          id={CAPTURE_ID}
          ref={field}
          value={draft?.text ?? ""}
          onChange={(event) => writeDraft(key, event.target.value)}
          onKeyDown={press}
          onBlur={() => setBound(viewId)}
          placeholder={t`Noter dans la main courante…`}
          aria-label={
            row ? t`Noter dans la main courante, dossier ${row.site.name}` : t`Noter dans la main courante`
          }
          autoComplete="off"
          spellCheck
        />
        <kbd className={classes.wide}>Ctrl+{t`Espace`}</kbd>
      </div>
      <WaitingChip />
      <span className={`dim ${classes.wide}`}>
        {draft ? (
          <Trans>Entrée pour inscrire · brouillon gardé</Trans>
        ) : (
          <Trans>Entrée pour inscrire · heure de la première frappe</Trans>
        )}
      </span>
    </footer>
  );
}
