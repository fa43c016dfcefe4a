import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { word } from "../../app/i18n";
import { keyOf, type Dossier, type StepView } from "../../core/dossier";
import { hourMinute } from "../../core/time";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { useCardKeys } from "./cardKeys";
import { Motifs } from "./Motifs";
import { StartCall } from "./StartCall";
import { SendAgent } from "./SendAgent";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

interface Props {
  step: StepView;
  dossier: Dossier;
  send: Send;
}

interface ItemProps extends Props {
  /** Of the steps that are current at once, the one that holds the keys. */
  front: boolean;
  bringForward: () => void;
  children?: ReactNode;
}

/** One step: folded when past or to come; when current, its act, and its keys if it is in front. */
export function StepItem({ step, dossier, send, front, bringForward, children }: ItemProps) {
  const current = step.state === "current";
  const past = step.state === "done" || step.state === "skipped";
  return (
    <li
      className={`${classes.step} ${classes[step.state] ?? ""} ${current && front ? classes.front : ""}`}
      aria-current={current && front ? "step" : undefined}
      onClick={current && !front ? bringForward : undefined}
    >
      <span className={classes.dot} aria-hidden="true">
        {MARKS[step.state]}
      </span>
      <StepLabel step={step} />
      <StepTime step={step} zone={dossier.site.timezone} />
      <div className={classes.detail}>
        {past ? <Past step={step} send={send} /> : null}
        {current && front ? <Words step={step} /> : null}
        {current ? (children ?? <Current step={step} dossier={dossier} send={send} front={front} />) : null}
      </div>
    </li>
  );
}

function StepLabel({ step }: { step: StepView }) {
  return (
    <span className={classes.label}>
      {word("step", step.label)}
      {step.parallel && step.state === "current" ? (
        <span className="dim">
          {" · "}
          <Trans>en parallèle</Trans>
        </span>
      ) : null}
    </span>
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

/** Acts whose result comes from what is done on their own card: a call, an agent asked for. */
const FILLED_BY_ACT = ["call_site", "call_contact", "call_next_contact", "send_agent"];
/** A call to a public service has no other record than its own card: no result by hand. */
const SERVICE_ACTS = ["call_police", "call_fire", "call_medical"];

function Current({ step, dossier, send, front }: Props & { front: boolean }) {
  const [byHand, setByHand] = useState(false);
  const service = SERVICE_ACTS.includes(step.act);
  const filled = service || FILLED_BY_ACT.includes(step.act);
  return (
    <>
      <StepAct step={step} dossier={dossier} send={send} keyed={front && !byHand} />
      {service ? (
        <p className="dim">
          <Trans>
            L’appel se lance par la carte des services, à droite : son résultat remplit cette étape.
          </Trans>
        </p>
      ) : null}
      {front && (!filled || byHand) ? <Results step={step} send={send} /> : null}
      {front ? (
        <div className={classes.acts}>
          {filled && !service && !byHand ? (
            <Button tone="plain" onClick={() => setByHand(true)}>
              <Trans>Saisir le résultat à la main…</Trans>
            </Button>
          ) : null}
          {step.abilities.includes("skip") ? <Skip step={step} send={send} /> : null}
        </div>
      ) : null}
    </>
  );
}

function Results({ step, send }: { step: StepView; send: Send }) {
  const { t } = useLingui();
  const [note, setNote] = useState("");
  const may = step.abilities.includes("done");
  const finish = (result: string | null): void =>
    void send(`steps/${step.key}/done`, { result, note: note || null });
  const results = step.results.map((result, index) => ({
    ...result,
    words: word("step_result", result.label),
    hotkey: keyOf(index),
  }));
  useCardKeys(
    may
      ? results.flatMap((each) =>
          each.hotkey ? [{ key: each.hotkey, label: each.words, perform: () => finish(each.key) }] : [],
        )
      : [],
  );
  if (!may) {
    return null;
  }
  return (
    <div className={classes.acts} role="group" aria-label={t`Résultat de l’étape`}>
      {results.map((each) => (
        <Button key={each.key} hotkey={each.hotkey} onClick={() => finish(each.key)}>
          {each.words}
        </Button>
      ))}
      <StepNote note={note} setNote={setNote} />
    </div>
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

function StepAct({ step, dossier, send, keyed }: Props & { keyed: boolean }) {
  switch (step.act) {
    case "call_site":
    case "call_contact":
    case "call_next_contact":
      return <StartCall step={step} dossier={dossier} send={send} keyed={keyed} />;
    case "send_agent":
      return <SendAgent step={step} dossier={dossier} send={send} keyed={keyed} />;
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

const SKIP_MOTIFS = [
  "no_object",
  "done_otherwise",
  "impossible",
  "customer_request",
  "lead_order",
  "more_urgent",
] as const;

/** A skip takes a motif from a short list and goes to the morning's review. */
function Skip({ step, send }: { step: StepView; send: Send }) {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <Button tone="plain" onClick={() => setAsking(true)}>
        <Trans>Passer l’étape…</Trans>
      </Button>
    );
  }
  return (
    <Motifs
      label={t`Passer l’étape`}
      motifs={SKIP_MOTIFS.map((key) => ({ key, label: word("skip_motif", key) }))}
      choose={(motif) => void send(`steps/${step.key}/skip`, { motif })}
      close={() => setAsking(false)}
    />
  );
}
