import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { Dossier } from "../../core/dossier";
import type { DoorView, ServiceCallView, ServiceView } from "../../core/handling";
import { phone } from "../../core/phone";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/parts";
import { Motifs } from "./Motifs";
import { say } from "./say";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

/** The doors to the police («à justifier», never locked), fire and medical without a gate. */
export function ServiceCalls({ dossier, send }: { dossier: Dossier; send: Send }) {
  const door =
    dossier.row.family === "person" || dossier.row.duress ? dossier.doors.persons : dossier.doors.goods;
  return (
    <section className={classes.card} aria-label={word("door", door.door)}>
      <Door door={door} />
      {dossier.service_calls.map((call) => (
        <ServiceCall key={call.id} call={call} send={send} />
      ))}
      {dossier.abilities.includes("service-calls") ? (
        <div className={classes.acts}>
          {dossier.services.map((service) => (
            <Service
              key={service.service}
              service={service}
              door={door}
              stepKey={stepFor(dossier, service.service)}
              send={send}
            />
          ))}
        </div>
      ) : null}
    </section>
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

/** The current step that this call fills. */
function stepFor(dossier: Dossier, service: string): string | null {
  const act = { fire: "call_fire", medical: "call_medical" }[service] ?? "call_police";
  return dossier.steps.find((step) => step.state === "current" && step.act === act)?.key ?? null;
}

interface ServiceProps {
  service: ServiceView;
  door: DoorView;
  stepKey: string | null;
  send: Send;
}

function Service({ service, door, stepKey, send }: ServiceProps) {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  const gated = service.door === "goods" && door.door === "goods" && door.state === "to_justify";
  const call = (motif: string | null): void => {
    setAsking(false);
    void send("service-calls", {
      service: service.service,
      directory_id: service.directory_id,
      door: service.door === "none" ? "none" : door.door,
      motif,
      step_key: stepKey,
    });
  };
  if (service.missing) {
    return <span className={classes.risk}>{say(service.missing)}</span>;
  }
  return (
    <>
      <Button tone={gated ? "warn" : "normal"} onClick={() => (gated ? setAsking(!asking) : call(null))}>
        {service.name ?? word("public_service", service.service)}
        {gated ? "…" : ""}
      </Button>
      {asking ? (
        <Motifs
          label={t`Appeler sans preuve : motif (sera relu)`}
          motifs={door.override_motifs.map(({ key, label }) => ({
            key,
            label: word("override_motif", label),
          }))}
          choose={call}
          close={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

function ServiceCall({ call, send }: { call: ServiceCallView; send: Send }) {
  if (call.ended_at) {
    return (
      <div className="dim">
        {call.name ?? word("public_service", call.service)} · {word("service_outcome", call.outcome)}
        {call.reached ? ` · ${call.reached}` : ""}
        {call.note ? ` · ${call.note}` : ""}
        {call.abilities.includes("done") ? <LaterOutcome call={call} send={send} /> : null}
      </div>
    );
  }
  return (
    <div className={classes.call}>
      <p className={classes.callee}>
        <b>{call.name ?? word("public_service", call.service)}</b>{" "}
        {call.number ? <span className={classes.reserved}>{phone(call.number)}</span> : null}
        <span className={classes.spread} />
        <Age since={call.asked_at} />
      </p>
      <blockquote className={classes.say}>
        {call.script.map((text) => (
          <p key={text.code}>{say(text)}</p>
        ))}
      </blockquote>
      {call.abilities.includes("done") ? <ServiceEnd call={call} send={send} /> : null}
    </div>
  );
}

function ServiceEnd({ call, send }: { call: ServiceCallView; send: Send }) {
  const { t } = useLingui();
  const [reached, setReached] = useState("");
  const [note, setNote] = useState("");
  const [given, setGiven] = useState(false);
  const end = (outcome: string): void =>
    void send(`service-calls/${call.id}/done`, {
      reached: reached || null,
      call_back_given: given,
      outcome,
      note: note || null,
    });
  return (
    <>
      <div className={classes.form}>
        <Field
          label={t`Personne jointe`}
          value={reached}
          onChange={(event) => setReached(event.target.value)}
        />
        <Field label={t`Note`} value={note} onChange={(event) => setNote(event.target.value)} />
        <label className={classes.inline}>
          <input type="checkbox" checked={given} onChange={(event) => setGiven(event.target.checked)} />
          <Trans>Notre n° de rappel a été donné</Trans>
        </label>
      </div>
      <div className={classes.acts}>
        {call.next_outcomes.map((outcome) => (
          <Button key={outcome} onClick={() => end(outcome)}>
            {word("service_outcome", outcome)}
          </Button>
        ))}
      </div>
    </>
  );
}

/** What the service did afterwards: on site, arrest, nothing found. */
function LaterOutcome({ call, send }: { call: ServiceCallView; send: Send }) {
  return (
    <span className={classes.acts}>
      {call.next_outcomes.map((outcome) => (
        <Button
          key={outcome}
          tone="plain"
          onClick={() => void send(`service-calls/${call.id}/done`, { outcome, call_back_given: true })}
        >
          {word("service_outcome", outcome)}
        </Button>
      ))}
    </span>
  );
}
