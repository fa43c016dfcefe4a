import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState, useSyncExternalStore } from "react";
import { zone } from "../../app/i18n";
import { clockTime } from "../../core/time";
import { Button } from "../../ui/Button";
import { Kbd } from "../../ui/Kbd";
import { Heading } from "../../ui/parts";
import classes from "./event.module.css";
import {
  digitOfNature,
  informLabel,
  lastInformed,
  natureLabel,
  NATURES,
  serviceLabel,
  SERVICES,
  type EventView,
  type InformOutcome,
  type Service,
} from "./event";
import { useEventActs, type EventActs } from "./eventActs";

/** The événement in hand: nature by a digit, services told with their hours, cameras followed. */
export function EventPanel({ event, onClose }: { event: EventView; onClose: () => void }) {
  const { t } = useLingui();
  const acts = useEventActs();
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  const { incident, nature, place } = event;
  // A camera that is followed again is the same camera.
  const followed = new Set(event.cameras.map(({ camera }) => camera)).size;
  const kept = event.marks.map((mark) => mark.from).sort()[0] ?? event.cameras[0]?.from ?? null;
  return (
    <>
      <Heading aside={<Trans>première touche {clockTime(event.first_key_at, shown)}</Trans>}>
        <Trans>Événement</Trans>
      </Heading>
      <section
        className={classes.card}
        data-event={incident.id}
        data-keyscope="card"
        tabIndex={-1}
        aria-label={t`Événement en cours`}
      >
        <b>
          {natureLabel(nature)} · {place ?? incident.site.name}
        </b>
        <p className="dim">
          {plural(followed, { one: "# caméra suivie", other: "# caméras suivies" })}
          {kept ? (
            <>
              , <Trans>repère gardé depuis {clockTime(kept, shown)}</Trans>
            </>
          ) : null}
        </p>
        <div className={classes.natures} role="group" aria-label={t`Nature`}>
          {NATURES.map((key) => (
            <button
              key={key}
              type="button"
              aria-pressed={nature === key}
              onClick={() => event.nature === key || void acts.name(incident.id, key)}
            >
              {natureLabel(key)} <Kbd of={`Digit${digitOfNature(key)}`} />
            </button>
          ))}
        </div>
      </section>
      <Heading>
        <Trans>Prévenir</Trans>
      </Heading>
      <ul className={classes.services}>
        {SERVICES.map(({ key, hotkey }) => (
          <ServiceRow key={key} service={key} hotkey={hotkey} event={event} acts={acts} />
        ))}
      </ul>
      <div className={classes.foot}>
        <span className="faint">{incident.reference}</span>
        <Button hotkey="Ctrl+Enter" onClick={onClose}>
          <Trans>Clôturer</Trans>
        </Button>
      </div>
    </>
  );
}

interface RowProps {
  service: Service;
  hotkey: string;
  event: EventView;
  acts: EventActs;
}

const NEXT: readonly { outcome: InformOutcome; digit: string }[] = [
  { outcome: "told", digit: "1" },
  { outcome: "on_the_way", digit: "2" },
  { outcome: "no_answer", digit: "3" },
];

/** One key when the call begins (its hour is the key's), one digit for what was said. */
function ServiceRow({ service, hotkey, event, acts }: RowProps) {
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  const [calling, setCalling] = useState<number | null>(null);
  const told = lastInformed(event.informed, service);
  const id = event.incident.id;
  useEffect(() => {
    const press = (key: KeyboardEvent): void => {
      const typing = document.activeElement?.matches("input, textarea, select") === true;
      const answer = NEXT.find(({ digit }) => key.code === `Digit${digit}` || key.code === `Numpad${digit}`);
      if (key.key === hotkey) {
        key.preventDefault();
        setCalling(performance.now());
      } else if (calling !== null && answer && !typing && !key.ctrlKey && !key.altKey) {
        key.preventDefault();
        key.stopPropagation();
        setCalling(null);
        void acts.inform(id, service, answer.outcome, calling);
      } else if (calling !== null && key.key === "Escape") {
        key.preventDefault();
        key.stopPropagation();
        setCalling(null);
      } else if (/^F[678]$/.test(key.key)) {
        setCalling(null);
      }
    };
    addEventListener("keydown", press, { capture: true });
    return () => removeEventListener("keydown", press, { capture: true });
  }, [acts, calling, hotkey, id, service]);
  return (
    <li data-service={service} data-calling={calling === null ? undefined : "yes"}>
      <span>{serviceLabel(service)}</span>
      {calling === null ? (
        <>
          {told ? (
            <span className={classes.told} data-outcome={told.outcome}>
              <time className="faint">{clockTime(told.at, shown)}</time> <b>{informLabel(told.outcome)}</b>
            </span>
          ) : null}
          <Button hotkey={hotkey} onClick={() => setCalling(performance.now())}>
            {told ? <Trans>Encore</Trans> : <Trans>Prévenir</Trans>}
            <span className="sr">{serviceLabel(service)}</span>
          </Button>
        </>
      ) : (
        <span className={classes.answers} role="group" aria-label={serviceLabel(service)}>
          {NEXT.map(({ outcome, digit }) => (
            <Button
              key={outcome}
              hotkey={`Digit${digit}`}
              onClick={() => {
                setCalling(null);
                void acts.inform(id, service, outcome, calling);
              }}
            >
              {informLabel(outcome)}
            </Button>
          ))}
        </span>
      )}
    </li>
  );
}
