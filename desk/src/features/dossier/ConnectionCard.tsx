import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { failureText, word } from "../../app/i18n";
import { dateTime } from "../../core/time";
import { Button } from "../../ui/Button";
import { Choice, Field, Heading, Problem } from "../../ui/parts";
import { tell } from "../shell/ui";
import type { SiteConnection, SiteFile } from "./siteFile";
import { pointText } from "./words";
import classes from "./dossier.module.css";

/** The record of connection (practice need 3): what was tested, what never spoke, and who accepts it. */
export function ConnectionCard({ file }: { file: SiteFile }) {
  const { t } = useLingui();
  const connecting = file.site.connection === "connecting";
  const [open, setOpen] = useState(false);
  const shown = connecting || open;
  const query = useQuery({
    queryKey: ["site", file.site.id, "connection", file.site.connection],
    queryFn: () => api.get<SiteConnection>(`/api/sites/${file.site.id}/connection`),
    enabled: shown,
    refetchInterval: connecting ? 5000 : false,
  });
  return (
    <section className={connecting ? classes.warn : undefined} aria-label={t`Raccordement`}>
      <Heading aside={word("connection", file.site.connection)}>
        <Trans>Raccordement</Trans>
      </Heading>
      {connecting ? (
        <p>
          <Trans>
            Les signaux de ce site sont inscrits à la liste d’essais ; ils n’ouvrent aucun dossier.
          </Trans>
        </p>
      ) : null}
      {query.error ? <Problem of={query.error} /> : null}
      {query.data ? <Stand state={query.data} zone={file.site.timezone} /> : null}
      {query.data ? <Acts file={file} state={query.data} /> : null}
      {shown ? (
        <a href={`/api/sites/${file.site.id}/connection/report`} target="_blank" rel="noreferrer">
          <Trans>Procès-verbal à imprimer</Trans>
        </a>
      ) : (
        <Button tone="plain" onClick={() => setOpen(true)}>
          <Trans>Points essayés et procès-verbal</Trans>
        </Button>
      )}
    </section>
  );
}

/** What lacks first, then the record in force. */
function Stand({ state, zone }: { state: SiteConnection; zone: string }) {
  const { t } = useLingui();
  const tested = state.points.filter((point) => point.state === "tested").length;
  const total = state.points.length;
  const record = state.records[0];
  return (
    <>
      <p>
        <b>{t`${tested} / ${total}`}</b> <Trans>points essayés et revenus normaux</Trans>
      </p>
      <ul className={classes.people}>
        {state.missing.map((lack) => (
          <li key={lack.code}>
            <b>{word("connection_missing", lack.code)}</b>
            <span>{lack.items.filter(Boolean).map(pointText).join(", ")}</span>
          </li>
        ))}
      </ul>
      {record ? (
        <p className="dim">
          <Trans>
            Accepté par {record.accepted_by} le {dateTime(record.accepted_at, zone)}
          </Trans>
          {record.motif ? ` · ${word("connection_motif", record.motif)}` : ""}
        </p>
      ) : null}
    </>
  );
}

/** Going in service: who accepts, and a motif while something lacks; the chef puts it back «en cours». */
function Acts({ file, state }: { file: SiteFile; state: SiteConnection }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [motif, setMotif] = useState("");
  const send = async (verb: string, body: object, done: string): Promise<void> => {
    try {
      await api.post(`/api/sites/${file.site.id}/connection/${verb}`, body);
      tell(done);
      setName("");
      await client.invalidateQueries({ queryKey: ["site", file.site.id] });
    } catch (failure) {
      tell(failureText(failure), "bad");
    }
  };
  if (state.abilities.includes("reopen")) {
    return (
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void send("reopen", { reason: name }, t`Raccordement remis en cours`);
        }}
      >
        <Field
          label={t`Motif pour l’essayer de nouveau`}
          value={name}
          required
          onChange={(e) => setName(e.target.value)}
        />
        <Button type="submit" tone="plain">
          <Trans>Remettre en cours</Trans>
        </Button>
      </form>
    );
  }
  if (!state.abilities.includes("connection")) {
    return null;
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void send("accept", { accepted_by: name, motif: motif || null }, t`Site en service`);
      }}
    >
      <Field
        label={t`Accepté par (installateur, abonné)`}
        value={name}
        required
        onChange={(e) => setName(e.target.value)}
      />
      {state.missing.length > 0 ? (
        <Choice
          label={t`En service malgré ce qui manque : motif`}
          value={motif}
          required
          onChange={(event) => setMotif(event.target.value)}
        >
          <option value="">{t`Choisissez…`}</option>
          {state.motifs.map((key) => (
            <option key={key} value={key}>
              {word("connection_motif", key)}
            </option>
          ))}
        </Choice>
      ) : null}
      <Button type="submit">
        <Trans>Mettre en service</Trans>
      </Button>
    </form>
  );
}
