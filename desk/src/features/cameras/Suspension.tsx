import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { Button } from "../../ui/Button";
import { Field, Problem } from "../../ui/parts";
import type { Part } from "./CameraFilePage";
import { suspendedWord } from "./words";
import classes from "./cameras.module.css";

/** Suspended: neither shown nor recorded, with its reason; put back in service here. */
export function Suspension({ file, may, took }: Part) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  const suspended = file.state === "suspended";
  /** What was not stopped by hand does not begin again by hand. */
  const byHand = file.suspended_reason === "by_hand";
  const send = async (verb: string, body: object): Promise<void> => {
    setFailure(null);
    try {
      await api.post(`/api/cameras/${file.id}/${verb}`, body);
      setReason("");
      took();
    } catch (problem) {
      setFailure(problem);
    }
  };
  if (!may) {
    return null;
  }
  return (
    <section className={classes.card} aria-labelledby="camera-suspension">
      <h2 id="camera-suspension">
        <Trans>Suspension</Trans>
      </h2>
      {suspended ? (
        <p>
          <Trans>
            Suspendue : {suspendedWord(file.suspended_reason)}. Elle ne montre et n’enregistre rien.
          </Trans>{" "}
          <Button disabled={!byHand} onClick={() => void send("resume", {})}>
            <Trans>Remettre en service</Trans>
          </Button>{" "}
          {byHand ? null : (
            <span className="dim">
              <Trans>
                Elle revient d’elle-même quand la cause cesse : masque légal revu sur l’image, autorisation en
                cours, alarme d’un domicile.
              </Trans>
            </span>
          )}
        </p>
      ) : (
        <form
          className={classes.row}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            void send("suspend", { reason: reason.trim() });
          }}
        >
          <Field
            label={t`Motif de la suspension`}
            value={reason}
            required
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button type="submit" tone="warn">
            <Trans>Suspendre la caméra</Trans>
          </Button>
        </form>
      )}
      <Problem of={failure} />
    </section>
  );
}
