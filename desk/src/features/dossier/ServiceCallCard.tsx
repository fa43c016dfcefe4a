import { t } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { word } from "../../app/i18n";
import type { ServiceCallView } from "../../core/handling";
import { phone } from "../../core/phone";
import { Age } from "../../ui/Age";
import { Field } from "../../ui/parts";
import { Choices, useCard, useChoices } from "./Fronts";
import { handsAreFree } from "./keepFocus";
import { say } from "./say";
import { Script } from "./Script";
import { placeSoon } from "./services";
import { useDraft } from "./useDraft";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

interface Props {
  call: ServiceCallView;
  /** The dossier's id. */
  incident: number;
  send: Send;
}

/** A call to a public service: its number, the script of the law to read aloud, how it ends. In the main column. */
export function ServiceCallCard({ call, incident, send }: Props) {
  const { t } = useLingui();
  return (
    <div {...useCard(`service:${call.id}`)} className={classes.call}>
      <p className={classes.callee}>
        <b>{call.name ?? word("public_service", call.service)}</b>{" "}
        {call.number ? <span className={classes.reserved}>{phone(call.number)}</span> : null}
        <span className={classes.spread} />
        <Age since={call.asked_at} />
      </p>
      <Script label={t`À lire`} className={classes.script}>
        {placeSoon(call.script).map((text) => (
          <p key={text.code + JSON.stringify(text.params)}>{say(text)}</p>
        ))}
      </Script>
      {call.abilities.includes("done") ? <End call={call} incident={incident} send={send} /> : null}
    </div>
  );
}

function End({ call, incident, send }: Props) {
  const { t } = useLingui();
  const [reached, setReached, forgetReached] = useDraft(`incident:${incident}:reached`);
  const [note, setNote, forgetNote] = useDraft(`incident:${incident}:service_note`);
  const [given, setGiven] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (handsAreFree()) {
      field.current?.focus({ preventScroll: true });
    }
  }, []);
  const end = async (outcome: string): Promise<void> => {
    const body = { reached: reached || null, call_back_given: given, outcome, note: note || null };
    if (await send(`service-calls/${call.id}/done`, body)) {
      forgetReached();
      forgetNote();
    }
  };
  const keyed = useChoices(`service:${call.id}`, [
    ...call.next_outcomes.map((outcome) => ({
      id: outcome,
      label: word("service_outcome", outcome),
      perform: () => void end(outcome),
    })),
    {
      id: "given",
      label: given ? t`N° de rappel donné ✓` : t`N° de rappel donné`,
      on: given,
      tone: "plain" as const,
      perform: () => setGiven(!given),
    },
  ]);
  return (
    <>
      <div className={classes.form}>
        <Field
          ref={field}
          label={t`Personne jointe`}
          value={reached}
          onChange={(event) => setReached(event.target.value)}
        />
        <Field label={t`Note`} value={note} onChange={(event) => setNote(event.target.value)} />
      </div>
      <Choices of={keyed} label={t`Résultat de l’avis`} />
    </>
  );
}

/** A call that is over, with what came of it. */
export function pastCall(call: ServiceCallView): string {
  return [
    call.name ?? word("public_service", call.service),
    word("service_outcome", call.outcome),
    call.reached,
    call.note,
    call.call_back_given === null ? null : t`n° de rappel donné`,
  ]
    .filter(Boolean)
    .join(" · ");
}
