import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { Button } from "../../ui/Button";
import { Kbd } from "../../ui/Kbd";
import type { DeskAction, DeskContext } from "./context";
import classes from "./shell.module.css";
import { setUi, ui } from "./ui";

/** The keys, grouped, straight from the actions: what is listed is what works. */
export function KeysHelp({ actions, context }: { actions: readonly DeskAction[]; context: DeskContext }) {
  const open = useSyncExternalStore(ui.subscribe, () => ui.get().help);
  return open ? <Sheet actions={actions} context={context} /> : null;
}

function Sheet({ actions, context }: { actions: readonly DeskAction[]; context: DeskContext }) {
  const { t } = useLingui();
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    sheet.current?.focus();
    return () => {
      if (before instanceof HTMLElement) {
        before.focus({ preventScroll: true });
      }
    };
  }, []);
  const keyed = actions.filter((action) => action.keys && action.keys.length > 0 && action.silent !== true);
  const groups = [...new Set(keyed.map((action) => action.group))];
  const close = (): void => setUi({ help: false });
  return (
    <div className={classes.overlay} onClick={(event) => event.target === event.currentTarget && close()}>
      <div
        ref={sheet}
        className={classes.sheet}
        role="dialog"
        aria-label={t`Touches`}
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.preventDefault(); // what lies below stays open
            close();
          }
        }}
      >
        <header>
          <Trans>Touches</Trans>
          <span className="faint" style={{ fontWeight: 400, flex: 1 }}>
            <Trans>Une lettre seule n’agit que dans une liste ou une carte qui a le focus.</Trans>
          </span>
          <Button tone="plain" hotkey="Escape" onClick={close}>
            <Trans>Fermer</Trans>
          </Button>
        </header>
        <div className={classes.keys} tabIndex={0} role="group" aria-label={t`Touches`}>
          <section>
            <h3>
              <Trans>Liste</Trans>
            </h3>
            <ul>
              <li>
                <Trans>Monter, descendre</Trans>
                <span>
                  <Kbd of="ArrowUp" /> <Kbd of="ArrowDown" />
                </span>
              </li>
              <li>
                <Trans>D’une page, jusqu’au bout</Trans>
                <span>
                  <Kbd of="PageUp" /> <Kbd of="PageDown" /> <Kbd of="Home" /> <Kbd of="End" />
                </span>
              </li>
              <li>
                <Trans>Ouvrir</Trans>
                <Kbd of="Enter" />
              </li>
              <li>
                <Trans>Moniteur : adopter le premier transmetteur inconnu</Trans>
                <Kbd of="Enter" />
              </li>
              <li>
                <Trans>Relu, dans «À relire» de la salle</Trans>
                <Kbd of="R" />
              </li>
            </ul>
          </section>
          {groups.map((group) => (
            <section key={group}>
              <h3>{group}</h3>
              <ul>
                {keyed
                  .filter((action) => action.group === group)
                  .map((action) => (
                    <li key={action.id} className={action.visible(context) ? "" : "faint"}>
                      {action.label()}
                      <span>
                        {action.keys?.map((name) => (
                          <span key={name}>
                            {" "}
                            <Kbd of={name} />
                          </span>
                        ))}
                      </span>
                    </li>
                  ))}
              </ul>
            </section>
          ))}
        </div>
      </div>
    </div>
  );
}
