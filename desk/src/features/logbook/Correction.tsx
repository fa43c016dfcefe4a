import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api } from "../../api/client";
import type { LogLine } from "../../core/views";
import { Button } from "../../ui/Button";
import { Field, Problem } from "../../ui/parts";
import { useDraft } from "../dossier/useDraft";
import classes from "./logbook.module.css";

/**
 * A correction is a new entry that points to the old one; the old one stays (duty S7). What one has typed comes back
 * with the form, whatever was opened meanwhile (U6).
 */
export function Correction({ line, onDone }: { line: LogLine; onDone: () => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [begun, keep, forget] = useDraft(`entry:${line.id}:correction`);
  // An emptied field stays empty: it does not fall back to the text to correct.
  const [text, setText] = useState(
    () => begun || (typeof line.params.text === "string" ? line.params.text : ""),
  );
  const send = useMutation({
    mutationFn: () => api.post(`/api/logbook/${line.id}/correct`, { text }),
    onSuccess: async () => {
      forget();
      onDone();
      await client.invalidateQueries({ queryKey: ["logbook"] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form className={classes.card} onSubmit={submit}>
      <Field
        label={t`Texte juste`}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          keep(event.target.value);
        }}
        autoFocus
        required
      />
      <p className="dim">
        <Trans>L’entrée d’origine reste ; la correction s’inscrit à la suite.</Trans>
      </p>
      <Problem of={send.error} />
      <div className={classes.row}>
        <Button tone="go" type="submit" disabled={send.isPending}>
          <Trans>Inscrire la correction</Trans>
        </Button>
        <Button
          tone="plain"
          onClick={() => {
            forget();
            onDone();
          }}
        >
          <Trans>Annuler</Trans>
        </Button>
      </div>
    </form>
  );
}
