import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent } from "react";
import { api } from "../../api/client";
import type { SiteFound } from "../../core/views";
import { Kbd } from "../../ui/Kbd";
import { showInPane } from "../../ui/scroll";
import type { DeskAction, DeskContext } from "../shell/context";
import shell from "../shell/shell.module.css";
import { setUi, ui } from "../shell/ui";
import classes from "./palette.module.css";
import { useOwnPeople } from "./ownPeople";
import { find, findCaller, type Found, type PastFound } from "./results";

interface Props {
  actions: readonly DeskAction[];
  context: DeskContext;
}

/** Ctrl+K, «:» and F2: sites, dossiers and actions by a few letters, without accents. */
export function CommandBar(props: Props) {
  const open = useSyncExternalStore(ui.subscribe, () => ui.get().palette);
  return open ? <Bar {...props} /> : null;
}

const LETTERS_FOR_SITES = 2;
const LETTERS_FOR_PAST = 3;

/** What the server found, and whether it is still that of fewer letters. */
interface Asked<T> {
  found: readonly T[];
  behind: boolean;
}

function useSites(query: string): Asked<SiteFound> {
  const wanted = query.trim();
  const found = useQuery({
    queryKey: ["sites", wanted],
    queryFn: () => api.get<SiteFound[]>(`/api/sites?q=${encodeURIComponent(wanted)}`),
    enabled: wanted.length >= LETTERS_FOR_SITES && !wanted.startsWith(":"),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return wanted.length >= LETTERS_FOR_SITES
    ? { found: found.data ?? [], behind: found.isPlaceholderData || found.isLoading }
    : { found: [], behind: false };
}

/** Closed dossiers: asked for once the words are long enough to say which. */
function usePast(query: string): Asked<PastFound> {
  const wanted = query.trim();
  const asked = wanted.length >= LETTERS_FOR_PAST && !wanted.startsWith(":");
  const found = useQuery({
    queryKey: ["past", wanted],
    queryFn: () => api.get<PastFound[]>(`/api/incidents?state=closed&q=${encodeURIComponent(wanted)}`),
    enabled: asked,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return asked
    ? { found: found.data ?? [], behind: found.isPlaceholderData || found.isLoading }
    : { found: [], behind: false };
}

function Bar({ actions, context }: Props) {
  const { t } = useLingui();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const sites = useSites(query);
  const past = usePast(query);
  const caller = useSyncExternalStore(ui.subscribe, () => ui.get().caller);
  const own = useOwnPeople(context, caller, query);
  const results = caller
    ? findCaller(context, own, query, sites.found)
    : find(actions, context, query, sites.found, past.found);
  // The line that was pointed at stays so, whatever comes above it while one looks.
  const cursor = Math.max(
    0,
    results.findIndex((found) => found.key === at),
  );
  // What the server found for fewer letters is not what one asked for: Enter waits for its answer, which could come first.
  const open = results[cursor]?.key.startsWith("incident:") === true;
  const behind = !open && (sites.behind || (results.length === 0 && past.behind));
  const entered = useRef(false);
  const ran = useRef(false);

  useEffect(() => {
    const before = document.activeElement;
    field.current?.focus();
    return () => {
      // What one has just opened takes the hands; they go back where they were when nothing was.
      if (!ran.current && before instanceof HTMLElement && document.activeElement === document.body) {
        before.focus({ preventScroll: true });
      }
    };
  }, []);

  const close = (): void => setUi({ palette: false, caller: false });
  const words = caller
    ? { name: t`Qui appelle`, hint: t`Qui appelle : nom, numéro, ville, site, n° de transmetteur…` }
    : {
        name: t`Chercher un site, un dossier, une action`,
        hint: t`Site, ville, téléphone, n° de transmetteur, dossier, action…`,
      };
  const run = (found: Found | undefined): void => {
    if (found) {
      ran.current = found.opens === true;
      close();
      found.perform();
    }
  };
  useEffect(() => {
    if (entered.current && !behind) {
      entered.current = false;
      run(results[cursor]);
    }
  });
  const press = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      entered.current = false;
      setAt(results[Math.max(0, Math.min(results.length - 1, cursor + step))]?.key ?? null);
      showInPane(document.getElementById(`found-${cursor + step}`), "nearest");
    } else if (event.key === "Enter") {
      event.preventDefault();
      entered.current = at === null && behind;
      if (!entered.current) {
        run(results[cursor]);
      }
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  };
  return (
    <div className={shell.overlay} onClick={(event) => event.target === event.currentTarget && close()}>
      <div className={shell.sheet} role="dialog" aria-label={t`Barre de commande`}>
        <input
          ref={field}
          className={classes.input}
          role="combobox"
          aria-expanded="true"
          aria-controls="found"
          aria-activedescendant={results.length > 0 ? `found-${cursor}` : undefined}
          aria-label={words.name}
          placeholder={words.hint}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            entered.current = false;
            setAt(null);
          }}
          onKeyDown={press}
          autoComplete="off"
        />
        <div id="found" role="listbox" aria-label={t`Résultats`} className={classes.results} tabIndex={-1}>
          {results.map((found, index) => (
            <Result
              key={found.key}
              found={found}
              index={index}
              selected={index === cursor}
              heading={found.group !== results[index - 1]?.group}
              run={run}
            />
          ))}
        </div>
        {results.length > 0 ? null : caller && query.trim() === "" ? (
          <p className={classes.none}>
            <Trans>Deux lettres suffisent : un nom, une ville, un site, les chiffres d’un numéro.</Trans>
          </p>
        ) : (
          <p className={classes.none}>
            <Trans>Rien à ce nom. Essayez une ville, un numéro, ou deux lettres de moins.</Trans>
          </p>
        )}
      </div>
    </div>
  );
}

function Result(props: {
  found: Found;
  index: number;
  selected: boolean;
  heading: boolean;
  run: (found: Found) => void;
}) {
  const { found, index, selected, heading, run } = props;
  return (
    <>
      {heading ? (
        <div className={classes.group} role="presentation">
          {found.group}
        </div>
      ) : null}
      <div
        id={`found-${index}`}
        role="option"
        aria-selected={selected}
        className={classes.item}
        onClick={() => run(found)}
      >
        <span>{found.title}</span>
        <span className={classes.detail}>{found.detail}</span>
        {found.keys?.slice(0, 1).map((name) => (
          <Kbd key={name} of={name} />
        ))}
      </div>
    </>
  );
}
