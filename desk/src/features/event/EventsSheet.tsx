import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { api } from "../../api/client";
import { zone } from "../../app/i18n";
import { dateTime, hourMinute } from "../../core/time";
import { useEscape } from "../../ui/escape";
import { Choice, Empty, Field, Problem } from "../../ui/parts";
import shell from "../shell/shell.module.css";
import classes from "./event.module.css";
import { natureLabel, NATURES, serviceLabel, type EventLine } from "./event";

/** Événements by place, nature and words: what happened there before. */
export function EventsSheet({ onDone }: { onDone: () => void }) {
  const { t } = useLingui();
  const [words, setWords] = useState("");
  const [place, setPlace] = useState("");
  const [nature, setNature] = useState("");
  const first = useRef<HTMLInputElement>(null);
  useEscape(onDone);
  useEffect(() => first.current?.focus(), []);
  const asked = new URLSearchParams(
    Object.entries({ q: words.trim(), place: place.trim(), nature }).filter(([, value]) => value !== ""),
  ).toString();
  const found = useQuery({
    queryKey: ["events", asked],
    queryFn: () => api.get<EventLine[]>(`/api/events${asked === "" ? "" : `?${asked}`}`),
    placeholderData: keepPreviousData,
  });
  return (
    <div className={shell.overlay} onClick={(event) => event.target === event.currentTarget && onDone()}>
      <div className={`${shell.sheet} ${classes.sheet}`} role="dialog" aria-label={t`Événements`}>
        <header>
          <Trans>Événements</Trans>
        </header>
        <div className={classes.filters}>
          <Field
            ref={first}
            label={t`Mots`}
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
          <Field label={t`Lieu`} value={place} onChange={(event) => setPlace(event.target.value)} />
          <Choice label={t`Nature`} value={nature} onChange={(event) => setNature(event.target.value)}>
            <option value="">{t`toutes`}</option>
            {NATURES.map((key) => (
              <option key={key} value={key}>
                {natureLabel(key)}
              </option>
            ))}
          </Choice>
        </div>
        <Problem of={found.error} />
        <div className={classes.lines} tabIndex={0} role="region" aria-label={t`Événements`}>
          {found.data?.length === 0 ? (
            <Empty title={<Trans>Aucun événement ne répond à cette recherche</Trans>}>
              <p>
                <Trans>Sur une vue du mur, F4 en ouvre un : le lieu et l’heure sont déjà remplis.</Trans>
              </p>
            </Empty>
          ) : null}
          {found.data?.map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Line({ line }: { line: EventLine }) {
  const shown = useSyncExternalStore(zone.subscribe, zone.get);
  return (
    <a className={classes.line} href={`/dossier/${line.id}`} target="_blank" rel="noreferrer">
      <time>{dateTime(line.first_key_at, shown).slice(0, 16)}</time>
      <span>
        <b>{natureLabel(line.nature)}</b> · {line.place ?? "—"}
        <span className="dim">
          {" "}
          · {line.cameras.join(", ")}
          {line.informed.length > 0 ? ` · ${line.informed.map(serviceLabel).join(", ")}` : ""}
        </span>
      </span>
      <span className="faint">
        {line.reference} ·{" "}
        {line.closed_at === null ? (
          <b className="soon">
            <Trans>en cours</Trans>
          </b>
        ) : (
          <Trans>clos à {hourMinute(line.closed_at, shown)}</Trans>
        )}
      </span>
    </a>
  );
}
