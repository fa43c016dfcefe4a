import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useId } from "react";
import { api } from "../../api/client";
import type { SiteFound } from "../../core/views";
import { Button } from "../../ui/Button";
import { Choice, Field } from "../../ui/parts";
import { NO_FILTER, type Filter } from "./filter";
import classes from "./logbook.module.css";

/** Nouns of entry kinds, in words. */
function useKinds(): [string, string][] {
  const { t } = useLingui();
  return [
    ["incident", t`Dossiers`],
    ["call", t`Appels`],
    ["step", t`Procédure`],
    ["clue", t`Indices`],
    ["verification", t`Levée de doute`],
    ["service_call", t`Avis aux services`],
    ["intervention", t`Interventions`],
    ["log", t`Saisies libres`],
    ["entry", t`Corrections`],
    ["on_test", t`Essais`],
    ["contact", t`Destinataires`],
    ["instruction", t`Consignes`],
    ["post", t`Postes`],
    ["session", t`Connexions`],
    ["access", t`Refus`],
    ["signal", t`Signaux`],
  ];
}

/** One site, by a name that the search of who telephones finds. */
function SiteField({ filter, set }: { filter: Filter; set: (change: Partial<Filter>) => void }) {
  const { t } = useLingui();
  const list = useId();
  const asked = useDeferredValue(filter.siteName.trim());
  const sites = useQuery({
    queryKey: ["sites", asked],
    queryFn: () => api.get<SiteFound[]>(`/api/sites?q=${encodeURIComponent(asked)}`),
    enabled: asked.length > 1,
    placeholderData: (held) => held,
  });
  const found = asked.length > 1 ? (sites.data ?? []) : [];
  const chosen = String(found.find((site) => site.name === filter.siteName.trim())?.id ?? "");
  useEffect(() => {
    if (chosen !== filter.site) {
      set({ site: chosen });
    }
  });
  return (
    <>
      <Field
        label={t`Site`}
        list={list}
        autoComplete="off"
        maxLength={100}
        value={filter.siteName}
        onChange={(event) => set({ siteName: event.target.value })}
      />
      <datalist id={list}>
        {found.map((site) => (
          <option key={site.id} value={site.name}>
            {[site.reference, site.town].filter(Boolean).join(" · ")}
          </option>
        ))}
      </datalist>
    </>
  );
}

export function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useLingui();
  const kinds = useKinds();
  const people = useQuery({
    queryKey: ["people"],
    queryFn: () => api.get<{ id: number; name: string }[]>("/api/people"),
  });
  const set = (change: Partial<Filter>): void => onChange({ ...filter, ...change });
  return (
    <form className={classes.filters} onSubmit={(event) => event.preventDefault()} role="search">
      <Field
        label={t`Chercher (sans accents)`}
        type="search"
        autoFocus
        value={filter.words}
        onChange={(event) => set({ words: event.target.value })}
        placeholder={t`site, personne, mot…`}
      />
      <SiteField filter={filter} set={set} />
      <Choice label={t`Nature`} value={filter.kind} onChange={(event) => set({ kind: event.target.value })}>
        <option value="">{t`Toutes`}</option>
        {kinds.map(([kind, name]) => (
          <option key={kind} value={kind}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice
        label={t`Personne`}
        value={filter.person}
        onChange={(event) => set({ person: event.target.value })}
      >
        <option value="">{t`Toutes`}</option>
        {(people.data ?? []).map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
          </option>
        ))}
      </Choice>
      <Field
        label={t`Depuis`}
        type="datetime-local"
        value={filter.from}
        onChange={(event) => set({ from: event.target.value })}
      />
      <Field
        label={t`Jusqu’à`}
        type="datetime-local"
        value={filter.to}
        onChange={(event) => set({ to: event.target.value })}
      />
      <Button tone="plain" onClick={() => onChange(NO_FILTER)}>
        <Trans>Tout effacer</Trans>
      </Button>
      <Button onClick={() => window.print()}>
        <Trans>Imprimer</Trans>
      </Button>
    </form>
  );
}
