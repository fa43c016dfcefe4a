import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { word } from "../../app/i18n";
import { keyOf, type Dossier, type StepView } from "../../core/dossier";
import { hourMinute } from "../../core/time";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { Choice } from "../../ui/parts";
import { useCardKeys } from "./cardKeys";
import { StartCall } from "./StartCall";
import { SendAgent } from "./SendAgent";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

interface Props {
  step: StepView;
  dossier: Dossier;
  send: Send;
  children?: ReactNode;
}

/** One step: folded when it is past or to come, open with its act and its result keys when it is current. */
export function StepItem({ step, dossier, send, children }: Props) {
  const current = step.state === "current";
  const past = step.state === "done" || step.state === "skipped";
  return (
    <li
      className={`${classes.step} ${classes[step.state] ?? ""}`}
      aria-current={current ? "step" : undefined}
    >
      <span className={classes.dot} aria-hidden="true">
        {MARKS[step.state]}
      </span>
      <span className={classes.label}>
        {word("step", step.label)}
        {step.parallel && current ? (
          <span className="dim">
            {" · "}
            <Trans>en parallèle</Trans>
          </span>
        ) : null}
      </span>
      <StepTime step={step} zone={dossier.site.timezone} />
      <div className={classes.detail}>
        {past ? <Past step={step} send={send} /> : null}
        {current ? <Words step={step} /> : null}
        {current ? (children ?? <Current step={step} dossier={dossier} send={send} />) : null}
      </div>
    </li>
  );
}

const MARKS: Record<StepView["state"], string> = { pending: "", current: "›", done: "✓", skipped: "–" };

function StepTime({ step, zone }: { step: StepView; zone: string }) {
  if (step.state === "current") {
    return (
      <span className="dim">
        <Age since={step.current_since} />
      </span>
    );
  }
  return <span className="dim">{step.done_at ? hourMinute(step.done_at, zone) : null}</span>;
}

function Words({ step }: { step: StepView }) {
  return (
    <>
      {step.say ? <blockquote className={classes.say}>{word("step_say", step.say)}</blockquote> : null}
      {step.hint ? <p>{word("step_hint", step.hint)}</p> : null}
    </>
  );
}

function Past({ step, send }: { step: StepView; send: Send }) {
  const result = word(
    "step_result",
    step.results.find((each) => each.key === step.result)?.label ?? step.result,
  );
  return (
    <>
      {step.state === "skipped" ? (
        <Trans>Passée : {word("skip_motif", step.motif)}</Trans>
      ) : (
        [result, step.note].filter(Boolean).join(" · ")
      )}
      {step.abilities.includes("undo") ? (
        <Button tone="plain" onClick={() => void send(`steps/${step.key}/undo`)}>
          <Trans>Annuler</Trans>
        </Button>
      ) : null}
    </>
  );
}

function Current({ step, dossier, send }: Props) {
  const [note, setNote] = useState("");
  const finish = (result: string | null): void =>
    void send(`steps/${step.key}/done`, { result, note: note || null });
  const acts = step.abilities.includes("done");
  const results = step.results.map((result, index) => ({ ...result, hotkey: result.hotkey ?? keyOf(index) }));
  useCardKeys(
    acts
      ? results.flatMap((result) =>
          result.hotkey
            ? [
                {
                  key: result.hotkey,
                  label: word("step_result", result.label),
                  perform: () => finish(result.key),
                },
              ]
            : [],
        )
      : [],
  );
  return (
    <>
      <StepAct step={step} dossier={dossier} send={send} />
      {acts ? (
        <div className={classes.acts}>
          {results.map((result) => (
            <Button key={result.key} hotkey={result.hotkey} onClick={() => finish(result.key)}>
              {word("step_result", result.label)}
            </Button>
          ))}
          {results.length === 0 ? (
            <Button tone="go" onClick={() => finish(null)}>
              <Trans>Fait</Trans>
            </Button>
          ) : null}
          <StepNote note={note} setNote={setNote} />
        </div>
      ) : null}
      {step.abilities.includes("skip") ? <Skip step={step} send={send} /> : null}
    </>
  );
}

function StepNote({ note, setNote }: { note: string; setNote: (note: string) => void }) {
  const { t } = useLingui();
  return (
    <input
      className={classes.note}
      aria-label={t`Observation de l’étape`}
      placeholder={t`observation…`}
      value={note}
      onChange={(event) => setNote(event.target.value)}
    />
  );
}

function StepAct({ step, dossier, send }: Props) {
  switch (step.act) {
    case "call_site":
    case "call_contact":
    case "call_next_contact":
      return <StartCall step={step} dossier={dossier} send={send} />;
    case "send_agent":
      return <SendAgent step={step} dossier={dossier} send={send} />;
    case "view_clip":
      return (
        <p className="dim">
          <Trans>
            Aucune caméra n’est raccordée à ce site : notez ce que vous savez de l’image par un autre moyen.
          </Trans>
        </p>
      );
    default:
      return null;
  }
}

/** A skip takes a motif from a short list and goes to the morning's review. */
function Skip({ step, send }: { step: StepView; send: Send }) {
  const { t } = useLingui();
  const motifs = [
    "no_object",
    "done_otherwise",
    "impossible",
    "customer_request",
    "lead_order",
    "more_urgent",
  ];
  return (
    <Choice
      label={<span className={classes.hiddenLabel}>{t`Passer l’étape`}</span>}
      value=""
      onChange={(event) => void send(`steps/${step.key}/skip`, { motif: event.target.value })}
    >
      <option value="">{t`Passer l’étape…`}</option>
      {motifs.map((motif) => (
        <option key={motif} value={motif}>
          {word("skip_motif", motif)}
        </option>
      ))}
    </Choice>
  );
}
