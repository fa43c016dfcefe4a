import { Trans } from "@lingui/react/macro";
import { runningCall, unsettledCalls, type Dossier } from "../../core/dossier";
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

/** The heart: what is done, what is to be done now, what comes; beside it the verification. */
export function ProcedurePane({ dossier, send }: { dossier: Dossier; send: Send }) {
  const call = runningCall(dossier);
  const done = dossier.steps.filter((step) => step.state === "done" || step.state === "skipped");
  const rest = dossier.steps.filter((step) => step.state !== "done" && step.state !== "skipped");
  const stepOfCall = call?.step_key ?? null;
  return (
    <div className={classes.columns}>
      <section className={classes.procedure} tabIndex={-1}>
        <ol className={classes.steps}>
          {done.map((step) => (
            <StepItem key={step.key} step={step} dossier={dossier} send={send} />
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
            <StepItem key={step.key} step={step} dossier={dossier} send={send}>
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
