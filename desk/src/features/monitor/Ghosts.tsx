import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { can, useMe } from "../../app/session";
import type { SiteFound } from "../../core/views";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Field, Heading, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { GhostView } from "./frames";
import classes from "./monitor.module.css";

const LETTERS = 2;

/** Transmitters nobody knows: «Adopter», then the site: two keys. */
export function Ghosts() {
  const me = useMe();
  const [adopting, setAdopting] = useState<number | null>(null);
  const ghosts = useQuery({
    queryKey: ["ghosts"],
    queryFn: () => api.get<GhostView[]>("/api/ghosts"),
    refetchInterval: 2000,
  });
  const held = ghosts.data ?? [];
  if (held.length === 0) {
    return null;
  }
  return (
    <section className={classes.ghosts}>
      <Heading>
        <Trans>Transmetteurs inconnus · {held.length}</Trans>
      </Heading>
      <ul>
        {held.map((ghost) => (
          <li key={ghost.id}>
            <b>{ghost.account}</b>
            <span className="dim">
              <Trans>
                ligne {ghost.line} · {ghost.peer} ·{" "}
                <Plural value={ghost.count} one="# trame" other="# trames" /> · dernière il y a{" "}
                <Age since={ghost.last_seen} />
              </Trans>
            </span>
            {can(me, "ghost.adopt") ? (
              <Button onClick={() => setAdopting(adopting === ghost.id ? null : ghost.id)}>
                <Trans>Adopter</Trans>
              </Button>
            ) : null}
            {adopting === ghost.id ? <Adopt ghost={ghost} onDone={() => setAdopting(null)} /> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Adopt({ ghost, onDone }: { ghost: GhostView; onDone: () => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [query, setQuery] = useState("");
  const sites = useQuery({
    queryKey: ["sites", query],
    queryFn: () => api.get<SiteFound[]>(`/api/sites?q=${encodeURIComponent(query)}`),
    enabled: query.trim().length >= LETTERS,
  });
  const adopt = useMutation({
    mutationFn: (site: SiteFound) => api.post(`/api/ghosts/${ghost.id}/adopt`, { site_id: site.id }),
    onSuccess: async (_, site) => {
      tell(t`Le transmetteur ${ghost.account} est à ${site.name}`);
      onDone();
      await client.invalidateQueries({ queryKey: ["ghosts"] });
    },
  });
  const found = sites.data ?? [];
  const first = found[0];
  return (
    <form
      className={classes.adopt}
      onSubmit={(event) => {
        event.preventDefault();
        if (first) {
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
      {found.map((site, index) => (
        <Button
          key={site.id}
          tone={index === 0 ? "go" : "normal"}
          hotkey={index === 0 ? "Enter" : null}
          onClick={() => adopt.mutate(site)}
        >
          {site.name} {site.town ? `· ${site.town}` : ""}
        </Button>
      ))}
    </form>
  );
}
