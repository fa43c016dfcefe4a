import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState, type KeyboardEvent } from "react";
import { api } from "../../api/client";
import type { SiteFound } from "../../core/views";
import { Field } from "../../ui/parts";
import classes from "./cameras.module.css";

/** Sites offered at once. */
const OFFERED = 6;

/** The site of a camera, by its name or town; arrows and Enter choose. */
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
  const [at, setAt] = useState(0);
  const offered = chosen === null ? (sites.data ?? []).slice(0, OFFERED) : [];
  const here = Math.min(at, Math.max(0, offered.length - 1));
  const press = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const site = offered[here];
    if (step !== 0 && offered.length > 0) {
      event.preventDefault();
      setAt((here + step + offered.length) % offered.length);
    } else if (event.key === "Enter" && site !== undefined && !event.ctrlKey) {
      // The name of a site is chosen; the form is sent by another Enter.
      event.preventDefault();
      choose(site);
    }
  };
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
        role="combobox"
        aria-expanded={offered.length > 0}
        aria-controls="camera-sites"
        aria-activedescendant={offered[here] ? `camera-site-${offered[here].id}` : undefined}
        onKeyDown={press}
        onChange={(event) => {
          setChosen(null);
          onChoose(null);
          setAt(0);
          setText(event.target.value);
        }}
      />
      {chosen ? (
        <span className="dim">
          {chosen.reference} · {chosen.town}
        </span>
      ) : (
        <>
          <ul id="camera-sites" role="listbox" aria-label={t`Sites`}>
            {offered.map((site, index) => (
              <li
                key={site.id}
                id={`camera-site-${site.id}`}
                role="option"
                aria-selected={index === here}
                onClick={() => choose(site)}
              >
                <b>{site.name}</b> <span className="dim">{site.town}</span>
              </li>
            ))}
          </ul>
          {sites.data?.length === 0 ? (
            <p className="dim">
              <Trans>Aucun site de ce nom.</Trans>
            </p>
          ) : null}
        </>
      )}
    </div>
  );
}
