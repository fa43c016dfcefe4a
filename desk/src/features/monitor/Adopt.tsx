import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import type { SiteFound } from "../../core/views";
import { Button } from "../../ui/Button";
import { useEscape } from "../../ui/escape";
import { Field, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { GhostView, SiteProposed } from "./frames";
import classes from "./monitor.module.css";

const LETTERS = 2;

interface Choice {
  id: number;
  name: string;
  town: string | null;
  /** Why it is proposed; null: it was looked for. */
  why: string | null;
}

/** Which site takes the transmitter: the one proposed, when one is surely the best, else by two letters of its name. */
export function Adopt({ ghost, onDone }: { ghost: GhostView; onDone: () => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [query, setQuery] = useState("");
  useEscape(onDone);
  const { choices, first } = useChoices(ghost, query.trim());
  const adopt = useMutation({
    mutationFn: (site: Choice) => api.post(`/api/ghosts/${ghost.id}/adopt`, { site_id: site.id }),
    onSuccess: async (_, site) => {
      tell(t`Le transmetteur ${ghost.account} est à ${site.name}`);
      onDone();
      await client.invalidateQueries({ queryKey: ["ghosts"] });
    },
  });
  return (
    <form
      className={classes.adopt}
      onSubmit={(event) => {
        event.preventDefault();
        if (first !== null && !adopt.isPending) {
          adopt.mutate(first);
        }
      }}
    >
      <Field
        label={t`À quel site ?`}
        value={query}
        autoFocus
        placeholder={t`nom, ville, référence`}
        onChange={(event) => setQuery(event.target.value)}
      />
      <Problem of={adopt.error} />
      {choices.map((site) => (
        <Button
          key={site.id}
          tone={site === first ? "go" : "normal"}
          hotkey={site === first ? "Enter" : null}
          onClick={() => adopt.mutate(site)}
        >
          {site.name} {site.town ? `· ${site.town}` : ""} <Why of={site.why} />
        </Button>
      ))}
    </form>
  );
}

/** What may be chosen, and what `Enter` chooses: nothing while several sites are as likely. */
function useChoices(ghost: GhostView, query: string): { choices: Choice[]; first: Choice | null } {
  const searching = query.length >= LETTERS;
  const sites = useQuery({
    queryKey: ["sites", query],
    queryFn: () => api.get<SiteFound[]>(`/api/sites?q=${encodeURIComponent(query)}`),
    enabled: searching,
  });
  const proposed = useQuery({
    queryKey: ["ghosts", ghost.id, "sites"],
    queryFn: () => api.get<SiteProposed[]>(`/api/ghosts/${ghost.id}/sites`),
  });
  if (searching) {
    const found = (sites.data ?? []).map((site) => ({ ...site, why: null }));
    return { choices: found, first: found[0] ?? null };
  }
  const choices = proposed.data ?? [];
  const best = choices[0];
  return { choices, first: query === "" && best?.sure === true ? best : null };
}

function Why({ of }: { of: string | null }) {
  switch (of) {
    case "account":
      return <Trans>(a déjà eu ce numéro)</Trans>;
    case "reference":
      return <Trans>(sa référence porte ce numéro)</Trans>;
    case "peer":
      return <Trans>(appelle de la même adresse)</Trans>;
    case "without_panel":
      return <Trans>(sans transmetteur)</Trans>;
    default:
      return null;
  }
}
