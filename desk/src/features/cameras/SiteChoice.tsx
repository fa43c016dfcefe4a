import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { api } from "../../api/client";
import type { SiteFound } from "../../core/views";
import { Field } from "../../ui/parts";
import classes from "./cameras.module.css";

/** The site of a camera, by its name or town. */
export function SiteChoice({ onChoose }: { onChoose: (site: number | null) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<SiteFound | null>(null);
  const asked = useDeferredValue(text.trim());
  const sites = useQuery({
    queryKey: ["sites", asked],
    queryFn: () => api.get<SiteFound[]>(`/api/sites?q=${encodeURIComponent(asked)}`),
    enabled: asked.length > 1 && chosen === null,
  });
  const choose = (site: SiteFound | null): void => {
    setChosen(site);
    setText(site?.name ?? "");
    onChoose(site?.id ?? null);
  };
  return (
    <div className={classes.siteChoice}>
      <Field
        label={t`Site`}
        value={text}
        required
        autoComplete="off"
        onChange={(event) => {
          setChosen(null);
          onChoose(null);
          setText(event.target.value);
        }}
      />
      {chosen ? (
        <span className="dim">
          {chosen.reference} · {chosen.town}
        </span>
      ) : (
        <ul>
          {(sites.data ?? []).slice(0, 6).map((site) => (
            <li key={site.id}>
              <button type="button" onClick={() => choose(site)}>
                <b>{site.name}</b> <span className="dim">{site.town}</span>
              </button>
            </li>
          ))}
          {sites.data?.length === 0 ? (
            <li className="dim">
              <Trans>Aucun site de ce nom.</Trans>
            </li>
          ) : null}
        </ul>
      )}
    </div>
  );
}
