import { t } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word, zone } from "../../app/i18n";
import type { InterventionView } from "../../core/handling";
import { phone } from "../../core/phone";
import { hourMinute } from "../../core/time";
import { Age, Countdown } from "../../ui/Age";
import { Choices, useCard, useChoices } from "./Fronts";
import type { Choice } from "./frontKeys";
import { useDraft } from "./useDraft";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

const FINDINGS = ["nothing", "break_in", "fire", "technical", "person", "other"] as const;
/** The verbs of an agent's progress: what brings it forward, then what ends it; the server says which are possible. */
const FORWARD = ["accepted", "on-the-way", "on-site", "done"] as const;
const ENDING = ["refused", "no-answer"] as const;
/** Stages at which the agent says how long he takes. */
const TIMED: readonly string[] = ["accepted", "on-the-way"];
/** What lets an agent go on while a person is under threat. */
const BASES = ["consigne", "police"] as const;

interface Props {
  intervention: InterventionView;
  /** The dossier's id. */
  incident: number;
  send: Send;
}

/** An agent's progress, stage by stage, each timed by its key. */
export function AgentCard({ intervention, incident, send }: Props) {
  const { t } = useLingui();
  const [minutes, setMinutes] = useState("");
  const [note, setNote, forget] = useDraft(`incident:${incident}:finding_${intervention.id}`);
  const card = `agent:${intervention.id}`;
  const can = (verb: string): boolean => intervention.abilities.includes(verb);
  const act = async (verb: string, body: Record<string, unknown> = {}): Promise<void> => {
    if (await send(`interventions/${intervention.id}/${verb}`, body)) {
      setMinutes("");
      if (verb === "finding" || verb === "cancelled") {
        forget();
      }
    }
  };
  const given = /^\d{1,3}$/.test(minutes) ? Number(minutes) : null;
  const keyed = useChoices(
    card,
    choicesOf(intervention, (verb, body) => void act(verb, body), given, note || null),
  );
  const finds = { label: t`Constat de l’agent`, hint: t`constat de l’agent…` };
  const ends = { label: t`Motif de l’annulation`, hint: t`motif de l’annulation…` };
  const wanted = can("finding") ? finds : can("cancelled") ? ends : null;
  return (
    <div {...useCard(card)} className={classes.intervention}>
      <p className={classes.callee}>
        <span>
          <Trans>Agent d’intervention</Trans> <b>{intervention.responder.name}</b>{" "}
          <span className="dim">{word("intervention_state", intervention.state)}</span>
        </span>
        <span className={classes.spread} />
        <Timing of={intervention} />
      </p>
      <p className="dim">
        {[
          phone(intervention.responder.phone),
          intervention.keys,
          intervention.finding ? word("finding", intervention.finding) : null,
          intervention.finding_note,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <Threat of={intervention} />
      {keyed.length > 0 ? (
        <Choices of={keyed} label={t`Étape de l’intervention`}>
          {TIMED.some(can) ? (
            <input
              className={classes.minutes}
              inputMode="numeric"
              aria-label={t`Minutes annoncées`}
              placeholder={t`min`}
              value={minutes}
              onChange={(event) => setMinutes(event.target.value)}
            />
          ) : null}
          {wanted === null ? null : (
            <input
              className={classes.note}
              aria-label={wanted.label}
              placeholder={wanted.hint}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Choices>
      ) : null}
    </div>
  );
}

/** What he must be told while a person is under threat: first, and before any of his stages. */
function Threat({ of }: { of: InterventionView }) {
  if (of.hold_back) {
    return (
      <p className={classes.alarm} role="alert">
        <b>
          <Trans>PRÉVENIR L’AGENT</Trans>
        </b>{" "}
        <Trans>
          Danger pour une personne : il ne se présente pas, n’entre pas, n’appelle pas le site ; il attend à
          distance. Sauf si la consigne l’envoie.
        </Trans>
      </p>
    );
  }
  return of.threat && of.state === "held" ? (
    <p className="dim">
      <Trans>Il attend l’accord des forces de l’ordre ; son rappel attend la levée de la contrainte.</Trans>
    </p>
  ) : null;
}

type Act = (verb: string, body?: Record<string, unknown>) => void;

function choicesOf(of: InterventionView, act: Act, minutes: number | null, note: string | null): Choice[] {
  const can = (verb: string): boolean => of.abilities.includes(verb);
  const words: Record<string, string> = {
    accepted: t`Accepte`,
    "on-the-way": t`En route`,
    "on-site": t`Sur place`,
    done: t`Terminée`,
    refused: t`Refuse`,
    "no-answer": t`Ne répond pas`,
  };
  const verbs = (list: readonly string[]): Choice[] =>
    list.filter(can).map((verb) => ({
      id: verb,
      label: words[verb] ?? verb,
      perform: () => act(verb, TIMED.includes(verb) ? { minutes } : {}),
    }));
  const cancelled = (): Choice[] => {
    const reason = note ?? (of.threat ? t`contrainte : pas d’agent sur place` : null);
    const perform = (): void => act("cancelled", { reason });
    const label = of.state === "asked" ? t`Annuler la demande` : t`Annuler l’intervention`;
    return can("cancelled") ? [{ id: "cancelled", label, disabled: reason === null, perform }] : [];
  };
  if (of.threat) {
    const told: Choice[] = of.hold_back ? going("warned", can, act) : [];
    const held: Choice[] = can("held")
      ? [{ id: "held", label: t`Prévenu : il attend à distance`, tone: "warn", perform: () => act("held") }]
      : [];
    const onward = of.state === "held" ? going("on-the-way", can, act) : verbs(["on-the-way"]);
    const stages = [...verbs(["accepted"]), ...onward, ...verbs(["on-site", "done"])];
    const found = findingsOf(can, act, note);
    const ends = [...verbs(ENDING), ...cancelled()];
    return of.hold_back
      ? [...held, ...told, ...stages, ...found, ...ends]
      : [...stages, ...found, ...held, ...ends];
  }
  const warned: Choice[] = can("warned")
    ? [
        {
          id: "warned",
          label: t`Agent prévenu du nouveau signal`,
          tone: "warn",
          perform: () => act("warned"),
        },
      ]
    : [];
  return [...warned, ...verbs(FORWARD), ...findingsOf(can, act, note), ...verbs(ENDING), ...cancelled()];
}

/** He is told to go on although a person is under threat: by the consigne, or by the police, as it is written. */
function going(verb: string, can: (verb: string) => boolean, act: Act): Choice[] {
  const words = {
    consigne: t`Prévenu : la consigne l’envoie`,
    police: t`Prévenu : les forces de l’ordre l’envoient`,
  };
  return can(verb)
    ? BASES.map((basis) => ({
        id: `${verb}:${basis}`,
        label: words[basis],
        perform: () => act(verb, { basis }),
      }))
    : [];
}

function findingsOf(can: (verb: string) => boolean, act: Act, note: string | null): Choice[] {
  return can("finding")
    ? FINDINGS.map((finding) => ({
        id: `finding:${finding}`,
        label: word("finding", finding),
        perform: () => act("finding", { finding, note }),
      }))
    : [];
}

function Timing({ of }: { of: InterventionView }) {
  if (of.done_at) {
    return <span className="dim">{hourMinute(of.done_at, zone.get())}</span>;
  }
  if (of.arrived_at && of.state !== "held") {
    return (
      <span>
        <Trans>sur place</Trans> <Age since={of.arrived_at} />
      </span>
    );
  }
  if (of.expected_at && of.state !== "held") {
    return (
      <span className={of.late ? "late" : ""}>
        <Trans>attendu à {hourMinute(of.expected_at, zone.get())}</Trans>{" "}
        <Countdown until={of.expected_at} lateWord={(spent) => `+${spent}`} />
      </span>
    );
  }
  return <Age since={of.asked_at} />;
}
