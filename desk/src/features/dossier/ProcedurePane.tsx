import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { engaged, runningCall, unsettledCalls, type Dossier } from "../../core/dossier";
import { useCardKeys } from "./cardKeys";
import { CallCard } from "./CallCard";
import { ClosingCard } from "./ClosingCard";
import { InterventionCard } from "./InterventionCard";
import { ReturnCard } from "./ReturnCard";
import { ServiceCalls } from "./ServiceCalls";
import { SettledSoon } from "./SettledSoon";
import { StepItem } from "./StepItem";
import { VerificationCard } from "./VerificationCard";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

const nothing = (): void => undefined;

/** The heart: what is done, what is to be done now, what comes; beside it the verification. */
export function ProcedurePane({ dossier, send }: { dossier: Dossier; send: Send }) {
  const { t } = useLingui();
  const call = runningCall(dossier);
  const done = dossier.steps.filter((step) => step.state === "done" || step.state === "skipped");
  const rest = dossier.steps.filter((step) => step.state !== "done" && step.state !== "skipped");
  // Under duress the procedure changes while the call goes on: its step may be gone, the call never.
  const stepOfCall =
    rest.find((step) => step.state === "current" && step.key === call?.step_key)?.key ?? null;
  const [chosen, setChosen] = useState<string | null>(null);
  const running = rest.filter((step) => step.state === "current");
  const current = running.map((step) => step.key);
  // An agent who was asked for is awaited on his own card: the next act comes in front.
  const waiting = engaged(dossier) !== null;
  const first = running.find((step) => !(waiting && step.act === "send_agent")) ?? running[0];
  const front = chosen !== null && current.includes(chosen) ? chosen : (first?.key ?? null);
  const turn = (by: number) => () =>
    setChosen(current[(current.indexOf(front ?? "") + by + current.length) % current.length] ?? null);
  useCardKeys(
    current.length > 1
      ? [
          { key: "Ctrl+ArrowDown", label: t`Étape suivante`, perform: turn(1) },
          { key: "Ctrl+ArrowUp", label: t`Étape précédente`, perform: turn(-1) },
        ]
      : [],
  );
  return (
    <div className={classes.columns}>
      <section className={classes.procedure} tabIndex={-1}>
        <ol className={classes.steps}>
          {done.map((step) => (
            <StepItem
              key={step.key}
              step={step}
              dossier={dossier}
              send={send}
              front={false}
              bringForward={nothing}
            />
          ))}
          {dossier.interventions.map((one) => (
            <li key={`i${one.id}`}>
              <InterventionCard intervention={one} send={send} />
            </li>
          ))}
          {unsettledCalls(dossier).map((one) => (
            <li key={`u${one.id}`}>
              <SettledSoon call={one} send={send} />
            </li>
          ))}
          {call && stepOfCall === null ? (
            <li>
              <CallCard key={call.id} call={call} send={send} />
            </li>
          ) : null}
          {rest.map((step) => (
            <StepItem
              key={step.key}
              step={step}
              dossier={dossier}
              send={send}
              front={call === null && step.key === front}
              bringForward={() => setChosen(step.key)}
            >
              {call && step.key === stepOfCall ? <CallCard key={call.id} call={call} send={send} /> : null}
            </StepItem>
          ))}
        </ol>
        {dossier.steps.length === 0 ? (
          <p className="dim">
            <Trans>Aucune procédure pour cet événement : agissez selon la consigne et notez.</Trans>
          </p>
        ) : null}
        <ReturnCard dossier={dossier} send={send} />
        <ClosingCard dossier={dossier} send={send} />
      </section>
      <section className={classes.side}>
        <VerificationCard dossier={dossier} send={send} />
        <ServiceCalls dossier={dossier} send={send} />
      </section>
    </div>
  );
}
