import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { Dossier } from "../../core/dossier";
import { SERVICES } from "../../core/front";
import type { DoorView, ServiceView } from "../../core/handling";
import { Choices, useCard, useChoices } from "./Fronts";
import type { Choice } from "./frontKeys";
import { Motifs } from "./Motifs";
import { say } from "./say";
import { pastCall } from "./ServiceCallCard";
import { doorOf, overrideLabel, overrides, serviceChoices } from "./services";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** The doors to the police («à justifier», never locked), fire and medical without a gate; what came of past calls. */
export function ServiceCalls({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const [asking, setAsking] = useState<ServiceView | null>(null);
  const door = doorOf(dossier);
  const may = dossier.abilities.includes("service-calls");
  const close = (): void => setAsking(null);
  const choices = !may
    ? []
    : asking
      ? overrides(dossier, asking, send, close)
      : [...serviceChoices(dossier, dossier.services, send, setAsking), ...later(dossier, send)];
  const keyed = useChoices(SERVICES, choices);
  const rescue = dossier.services[0]?.door === "none";
  return (
    <section
      {...useCard(SERVICES)}
      className={classes.card}
      aria-label={word("door", rescue ? "none" : door.door)}
    >
      {rescue ? <Rescue /> : <Door door={door} />}
      {dossier.service_calls
        .filter((call) => call.ended_at !== null)
        .map((call) => (
          <p key={call.id} className="dim">
            {pastCall(call)}
          </p>
        ))}
      {asking ? (
        <Motifs label={overrideLabel()} of={keyed} />
      ) : keyed.length > 0 ? (
        <Choices of={keyed} label={t`Appeler un service`} />
      ) : null}
      {may
        ? dossier.services.map((service) =>
            service.missing ? (
              <p key={service.service} className={classes.risk}>
                {say(service.missing)}
              </p>
            ) : null,
          )
        : null}
      {rescue ? <Door door={door} /> : null}
    </section>
  );
}

/** A fire or somebody ill: CODIS and SAMU first; the police's door stands below, for a call to the police (V2). */
function Rescue() {
  return (
    <p className={classes.callee}>
      <span>
        <Trans>Appel des secours</Trans>
        {" · "}
        <b>{word("door_state", "open")}</b>
      </span>
      <span className={classes.spread} />
      <span className="dim">
        <Trans>sans justification</Trans>
      </span>
    </p>
  );
}

/** What a service did afterwards, in its own results: on site, nothing found… */
function later(dossier: Dossier, send: Send): Choice[] {
  return dossier.service_calls
    .filter((call) => call.ended_at !== null && call.abilities.includes("done"))
    .flatMap((call) =>
      call.next_outcomes.map((outcome) => ({
        id: `later:${call.id}:${outcome}`,
        label: `${word("public_service", call.service)}\u00a0: ${word("service_outcome", outcome)}`,
        tone: "plain" as const,
        perform: () =>
          void send(`service-calls/${call.id}/done`, {
            outcome,
            call_back_given: call.call_back_given !== null,
          }),
      })),
    );
}

function Door({ door }: { door: DoorView }) {
  return (
    <>
      <p className={classes.callee}>
        <span>
          <Trans>Avis aux forces de l’ordre</Trans>
          {" · "}
          <b className={door.state === "to_justify" ? "soon" : ""}>{word("door_state", door.state)}</b>
        </span>
        <span className={classes.spread} />
        <span className="dim" title={door.rule.reference}>
          {word("door", door.door)}
        </span>
      </p>
      <ul className={classes.proofs}>
        {door.proofs.map((proof) => (
          <li key={proof.kind} className={proof.have ? classes.have : ""}>
            <span aria-hidden="true">{proof.have ? "✓" : "○"}</span> {word("clue", proof.label)}
            {proof.have ? (
              <span className={classes.hiddenLabel}>
                <Trans>acquis</Trans>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {door.supports.length > 0 ? (
        <p className="dim">
          <Trans>
            appui, jamais suffisant seul : {door.supports.map((each) => word("clue", each)).join(", ")}
          </Trans>
        </p>
      ) : null}
    </>
  );
}
