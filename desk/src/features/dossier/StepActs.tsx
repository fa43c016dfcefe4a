import { t } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { word } from "../../app/i18n";
import { engaged, runningCall, unsettledCalls, type Dossier, type StepView } from "../../core/dossier";
import { phone } from "../../core/phone";
import type { Images } from "../../core/recordings";
import { useEscape } from "../../ui/escape";
import { ChoiceButton, Choices, useChoices } from "./Fronts";
import type { Keyed } from "./frontKeys";
import { motifChoices, Motifs } from "./Motifs";
import { overrideLabel, overrides, serviceOf } from "./services";
import { say } from "./say";
import {
  SERVICE_ACTS,
  shownAgents,
  SKIP_MOTIFS,
  stepChoices,
  type Mode,
  type StepProps,
} from "./stepChoices";
import { useDraft } from "./useDraft";
import classes from "./dossier.module.css";

const ACT: Mode = { kind: "act" };

/** What is done on a current step, with its keys while it is in front. */
export function StepActs({ step, dossier, send }: StepProps) {
  const { t } = useLingui();
  const [mode, setMode] = useState<Mode>(ACT);
  const [note, setNote, forget] = useDraft(`incident:${dossier.row.id}:step_${step.key}`);
  const back = (): void => setMode(ACT);
  const sendStep: typeof send = async (path, body) => {
    const done = await send(path, body);
    if (done && path.endsWith("/done")) {
      forget();
    }
    return done;
  };
  const motifs = SKIP_MOTIFS.map((key) => ({ key, label: word("skip_motif", key) }));
  const skip = (motif: string): void => void send(`steps/${step.key}/skip`, { motif });
  const byHand = mode.kind === "byHand";
  useEscape(byHand ? back : null);
  const keyed = useChoices(
    `step:${step.key}`,
    mode.kind === "skip"
      ? motifChoices(motifs, skip, back)
      : mode.kind === "motif"
        ? overrides(dossier, mode.service, send, back)
        : stepChoices({ step, dossier, send: sendStep }, byHand, note, setMode),
  );
  if (mode.kind === "skip" || mode.kind === "motif") {
    return <Motifs label={mode.kind === "skip" ? t`Passer l’étape` : overrideLabel()} of={keyed} />;
  }
  const written = keyed.some((choice) => choice.id.startsWith("result:"));
  return (
    <>
      <About step={step} dossier={dossier} keyed={keyed} />
      <Choices of={keyed.filter((choice) => !choice.id.startsWith("ask:"))} label={t`Résultat de l’étape`}>
        {written ? (
          <input
            className={classes.note}
            aria-label={t`Observation de l’étape`}
            placeholder={t`observation…`}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        ) : null}
      </Choices>
    </>
  );
}

/** What one must know before acting, by the kind of act. */
function About({ step, dossier, keyed }: { step: StepView; dossier: Dossier; keyed: readonly Keyed[] }) {
  if (SERVICE_ACTS.includes(step.act)) {
    return serviceOf(dossier, step.act).map((service) =>
      service.missing ? (
        <p key={service.service} className={classes.risk}>
          {say(service.missing)}
        </p>
      ) : null,
    );
  }
  switch (step.act) {
    case "send_agent":
      return <Agents dossier={dossier} keyed={keyed} />;
    case "call_site":
      return dossier.site.phone === null ? (
        <p className="dim">
          <Trans>La fiche ne porte pas de numéro du site.</Trans>
        </p>
      ) : null;
    case "call_contact":
    case "call_next_contact":
      return <NextContact dossier={dossier} />;
    case "view_clip":
      return <Clip incident={dossier.row.id} />;
    default:
      return null;
  }
}

/** Whether there is anything to look at, and where. */
function Clip({ incident }: { incident: number }) {
  const { data } = useQuery({
    queryKey: ["images", incident],
    queryFn: () => api.get<Images>(`/api/incidents/${incident}/images`),
  });
  return data === undefined ? null : (
    <p className="dim">
      {data.cameras.length > 0 ? (
        <Trans>
          <kbd>3</kbd> montre la séquence et le direct.
        </Trans>
      ) : (
        <Trans>
          Aucune caméra n’est raccordée à ce site : notez ce que vous savez de l’image par un autre moyen.
        </Trans>
      )}
    </p>
  );
}

function NextContact({ dossier }: { dossier: Dossier }) {
  const next = dossier.next_call;
  if (next) {
    return (
      <p className="dim">
        {next.role ? `${next.role} · ` : ""}
        {next.available ? <Trans>joignable maintenant</Trans> : <Trans>hors de ses heures</Trans>}
      </p>
    );
  }
  return (
    <p className="dim">
      {runningCall(dossier) !== null ? (
        <Trans>Un appel est en cours : la suite se propose quand son résultat est noté.</Trans>
      ) : unsettledCalls(dossier).length > 0 ? (
        <Trans>Résultat en attente : la suite se propose dans quelques secondes.</Trans>
      ) : (
        <Trans>
          Plus aucun destinataire à appeler : tous les numéros ont été essayés ou aucun n’est inscrit.
        </Trans>
      )}
    </p>
  );
}

/** Why this agent is not asked now, beside his greyed button; null: he may be, or it is he who was asked. */
function whyNot(dossier: Dossier, responder: Dossier["responders"][number]): string | null {
  const first = engaged(dossier);
  if (responder.card_expired) {
    return t`carte professionnelle expirée`;
  }
  if (first === null || first.responder.id === responder.id) {
    return null;
  }
  return t`${first.responder.name} est déjà demandé : un seul agent à la fois`;
}

/** Who may go, nearest first; the agent leaves while the calls go on. */
function Agents({ dossier, keyed }: { dossier: Dossier; keyed: readonly Keyed[] }) {
  if (dossier.responders.length === 0) {
    return (
      <p className="dim">
        <Trans>Aucun intervenant n’est inscrit pour ce site.</Trans>
      </p>
    );
  }
  return (
    <ul className={classes.people}>
      {shownAgents(dossier).map((responder) => (
        <li key={responder.id}>
          <span>
            <b>{responder.name}</b>
            {responder.firm ? <span className="dim"> · {responder.firm}</span> : null}
            <br />
            <span className="dim">
              {[
                responder.minutes === null ? null : t`${responder.minutes} min au contrat`,
                responder.keys,
                phone(responder.phone),
                responder.asked ? word("intervention_state", responder.asked) : null,
                whyNot(dossier, responder),
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </span>
          <ChoiceButton of={keyed.find((choice) => choice.id === `ask:${responder.id}`)} />
        </li>
      ))}
    </ul>
  );
}
