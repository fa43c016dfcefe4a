import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { word } from "../../app/i18n";
import type { InterventionView } from "../../core/handling";
import { phone } from "../../core/phone";
import { hourMinute } from "../../core/time";
import { zone } from "../../app/i18n";
import { Age, Countdown } from "../../ui/Age";
import { Button } from "../../ui/Button";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

const FINDINGS = ["nothing", "break_in", "fire", "technical", "person", "other"] as const;
/** The verbs of an agent's progress, in order; the server says which are possible. */
const VERBS = ["accepted", "on-the-way", "on-site", "done", "refused", "no-answer", "cancelled"] as const;

/** An agent's progress, stage by stage, each timed by its key. */
export function InterventionCard({ intervention, send }: { intervention: InterventionView; send: Send }) {
  const { t } = useLingui();
  const path = `interventions/${intervention.id}`;
  const can = (verb: string): boolean => intervention.abilities.includes(verb);
  const words: Record<(typeof VERBS)[number], string> = {
    accepted: t`Accepte`,
    "on-the-way": t`En route`,
    "on-site": t`Sur place`,
    done: t`Terminée`,
    refused: t`Refuse`,
    "no-answer": t`Ne répond pas`,
    cancelled: t`Annuler la demande`,
  };
  return (
    <div className={classes.intervention}>
      <p className={classes.callee}>
        <span>
          <Trans>Agent d’intervention</Trans> <b>{intervention.responder.name}</b>{" "}
          <span className="dim">{word("intervention_state", intervention.state)}</span>
        </span>
        <span className={classes.spread} />
        <Timing of={intervention} />
      </p>
      <p className="dim">
        {phone(intervention.responder.phone)}
        {intervention.keys ? ` · ${intervention.keys}` : ""}
        {intervention.finding ? ` · ${word("finding", intervention.finding)}` : ""}
        {intervention.finding_note ? ` · ${intervention.finding_note}` : ""}
      </p>
      <div className={classes.acts}>
        {can("warned") ? (
          <Button tone="warn" onClick={() => void send(`${path}/warned`)}>
            <Trans>Agent prévenu du nouveau signal</Trans>
          </Button>
        ) : null}
        {VERBS.filter(can).map((verb) =>
          verb === "accepted" || verb === "on-the-way" ? (
            <Leaving key={verb} verb={verb} word={words[verb]} path={path} send={send} />
          ) : (
            <Button key={verb} onClick={() => void send(`${path}/${verb}`)}>
              {words[verb]}
            </Button>
          ),
        )}
      </div>
      {can("finding") ? <Finding path={path} send={send} /> : null}
    </div>
  );
}

function Timing({ of }: { of: InterventionView }) {
  if (of.done_at) {
    return <span className="dim">{hourMinute(of.done_at, zone.get())}</span>;
  }
  if (of.arrived_at) {
    return (
      <span>
        <Trans>sur place</Trans> <Age since={of.arrived_at} />
      </span>
    );
  }
  if (of.expected_at) {
    return (
      <span className={of.late ? "late" : ""}>
        <Trans>attendu à {hourMinute(of.expected_at, zone.get())}</Trans>{" "}
        <Countdown until={of.expected_at} lateWord={(spent) => `+${spent}`} />
      </span>
    );
  }
  return <Age since={of.asked_at} />;
}

function Leaving(props: { verb: string; word: string; path: string; send: Send }) {
  const { t } = useLingui();
  const [minutes, setMinutes] = useState("");
  const given = /^\d{1,3}$/.test(minutes) ? Number(minutes) : null;
  return (
    <span className={classes.inline}>
      <Button onClick={() => void props.send(`${props.path}/${props.verb}`, { minutes: given })}>
        {props.word}
      </Button>
      <input
        className={classes.minutes}
        inputMode="numeric"
        aria-label={t`Minutes annoncées`}
        placeholder={t`min`}
        value={minutes}
        onChange={(event) => setMinutes(event.target.value)}
      />
    </span>
  );
}

function Finding({ path, send }: { path: string; send: Send }) {
  const { t } = useLingui();
  const [note, setNote] = useState("");
  return (
    <div className={classes.acts}>
      <input
        className={classes.note}
        aria-label={t`Constat de l’agent`}
        placeholder={t`constat de l’agent…`}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      {FINDINGS.map((finding) => (
        <Button key={finding} onClick={() => void send(`${path}/finding`, { finding, note: note || null })}>
          {word("finding", finding)}
        </Button>
      ))}
    </div>
  );
}
