import { Trans } from "@lingui/react/macro";
import { useEffect, useState, type ReactNode } from "react";
import { word } from "../../app/i18n";
import type { Dossier, StepView } from "../../core/dossier";
import { RETURN, returns } from "../../core/front";
import { hintOf } from "../../core/steps";
import { hourMinute } from "../../core/time";
import { now } from "../../live/hooks";
import { Age } from "../../ui/Age";
import { Button } from "../../ui/Button";
import { useCardKeys } from "./cardKeys";
import { useCard, useInFront } from "./Fronts";
import { StepActs } from "./StepActs";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

interface ItemProps {
  step: StepView;
  dossier: Dossier;
  send: Send;
  /** Of the steps just done, the last: Ctrl+Z takes it back. */
  last?: boolean;
  children?: ReactNode;
}

/** One step: folded when past or to come; when current, its act, and its keys if it is in front. */
export function StepItem({ step, dossier, send, last = false, children }: ItemProps) {
  const id = returns(dossier, step) ? RETURN : `step:${step.key}`;
  const card = useCard(id);
  const front = useInFront(id);
  const current = step.state === "current";
  const past = step.state === "done" || step.state === "skipped";
  return (
    <li
      {...(current ? card : {})}
      className={`${classes.step} ${classes[step.state] ?? ""} ${current && front ? classes.front : ""}`}
      aria-current={current && front ? "step" : undefined}
    >
      <span className={classes.dot} aria-hidden="true">
        {MARKS[step.state]}
      </span>
      <StepLabel step={step} />
      <StepTime step={step} zone={dossier.site.timezone} />
      <div className={classes.detail}>
        {past ? <Past key={step.undo_until} step={step} send={send} last={last} /> : null}
        {current && (front || children !== undefined) ? (
          <Words step={step} hint={hintOf(dossier, step)} />
        ) : null}
        {current ? (children ?? <StepActs step={step} dossier={dossier} send={send} />) : null}
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

function Words({ step, hint }: { step: StepView; hint: string | null }) {
  return (
    <>
      {step.say ? <blockquote className={classes.say}>{word("step_say", step.say)}</blockquote> : null}
      {hint ? <p>{word("step_hint", hint)}</p> : null}
    </>
  );
}

/** Whether an instant is still ahead; false at the very moment when it is over. */
function useAhead(until: string | null): boolean {
  const left = until === null ? 0 : Date.parse(until) - now();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = left > 0 ? setTimeout(() => setOver(true), left) : null;
    return () => {
      if (timer !== null) {
        clearTimeout(timer);
      }
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- one timer for one instant
  }, [until]);
  return left > 0 && !over;
}

function Past({ step, send, last }: { step: StepView; send: Send; last: boolean }) {
  const ahead = useAhead(step.undo_until);
  const may = ahead && step.abilities.includes("undo");
  const undo = (): void => void send(`steps/${step.key}/undo`);
  useCardKeys(may && last ? [{ key: "Ctrl+Z", label: word("step", step.label), perform: undo }] : []);
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
      {may ? (
        <Button tone="plain" hotkey={last ? "Ctrl+Z" : null} onClick={undo}>
          <Trans>Annuler</Trans>
        </Button>
      ) : null}
    </>
  );
}
