import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api } from "../../api/client";
import { runningCall, unsettledCalls, type Dossier } from "../../core/dossier";
import { returns, standOf } from "../../core/front";
import { sequence } from "../../core/steps";
import { setUi, ui } from "../shell/ui";
import { AgentCard } from "./AgentCard";
import { CallCard } from "./CallCard";
import { CallerCard } from "./CallerCard";
import { ClosingCard } from "./ClosingCard";
import { Fronts } from "./Fronts";
import { ReturnCard } from "./ReturnCard";
import { ServiceCallCard } from "./ServiceCallCard";
import { ServiceCalls } from "./ServiceCalls";
import { SettledSoon } from "./SettledSoon";
import type { SiteFile } from "./siteFile";
import { StepItem } from "./StepItem";
import { VerificationCard } from "./VerificationCard";
import type { Send } from "./useDossier";
import classes from "./dossier.module.css";

interface Props {
  dossier: Dossier;
  send: Send;
}

interface Whole extends Props {
  /** The dossier was closed by hand, here. */
  after: () => void;
}

/** The heart: what is done, what is to be done now, what comes; beside it the verification. */
export function ProcedurePane({ dossier, send, after }: Whole) {
  const asked = useSyncExternalStore(ui.subscribe, () => ui.get().calling);
  const calling = asked === dossier.row.id && runningCall(dossier) === null;
  return (
    <Fronts stand={standOf(dossier, calling)}>
      <div className={classes.columns}>
        <section className={classes.procedure} tabIndex={-1}>
          {calling ? <Caller dossier={dossier} send={send} /> : null}
          <Steps dossier={dossier} send={send} />
          <ClosingCard dossier={dossier} send={send} after={after} />
        </section>
        <section className={classes.side}>
          <VerificationCard dossier={dossier} send={send} />
          <ServiceCalls dossier={dossier} send={send} />
        </section>
      </div>
    </Fronts>
  );
}

/** A customer telephones about this very dossier: the call is entered in it. */
function Caller({ dossier, send }: Props) {
  const site = dossier.site.id;
  const query = useQuery({
    queryKey: ["site", site, dossier.row.version],
    queryFn: () => api.get<SiteFile>(`/api/sites/${site}`),
    placeholderData: (held) => held,
  });
  const close = (): void => setUi({ calling: null });
  const receive = async (caller: string, contact: number | null): Promise<void> => {
    const body = { caller, contact_id: contact, incident_id: dossier.row.id };
    if (await send(`/api/sites/${site}/incoming`, body)) {
      close();
    }
  };
  return (
    <CallerCard
      contacts={query.data?.contacts ?? []}
      receive={(caller, contact) => void receive(caller, contact)}
      close={close}
    />
  );
}

function Steps({ dossier, send }: Props) {
  const call = runningCall(dossier);
  const over = (state: string): boolean => state === "done" || state === "skipped";
  const { past: done, ahead: rest } = sequence(dossier.steps);
  const last = dossier.steps
    .filter((step) => over(step.state))
    .filter((step) => step.abilities.includes("undo"))
    .sort((a, b) => (a.done_at ?? "").localeCompare(b.done_at ?? ""))
    .at(-1);
  // Under duress the procedure changes while the call goes on: its step may be gone, the call never.
  const stepOfCall =
    rest.find((step) => step.state === "current" && step.key === call?.step_key)?.key ?? null;
  const returning = rest.find((step) => step.state === "current" && returns(dossier, step));
  const card = call ? <CallCard key={call.id} call={call} send={send} /> : null;
  return (
    <>
      <ol className={classes.steps}>
        {done.map((step) => (
          <StepItem key={step.key} step={step} dossier={dossier} send={send} last={step === last} />
        ))}
        {dossier.interventions.map((one) => (
          <li key={`i${one.id}`}>
            <AgentCard intervention={one} incident={dossier.row.id} send={send} />
          </li>
        ))}
        {unsettledCalls(dossier).map((one) => (
          <li key={`u${one.id}`}>
            <SettledSoon call={one} send={send} />
          </li>
        ))}
        {card && stepOfCall === null ? <li>{card}</li> : null}
        {dossier.service_calls
          .filter((one) => one.ended_at === null)
          .map((one) => (
            <li key={`s${one.id}`}>
              <ServiceCallCard call={one} incident={dossier.row.id} send={send} />
            </li>
          ))}
        {rest.map((step) => (
          <StepItem key={step.key} step={step} dossier={dossier} send={send} last={step === last}>
            {step.key === stepOfCall ? (
              card
            ) : step === returning ? (
              <ReturnCard dossier={dossier} send={send} inStep />
            ) : undefined}
          </StepItem>
        ))}
      </ol>
      {dossier.steps.length === 0 ? (
        <p className="dim">
          <Trans>Aucune procédure pour cet événement : agissez selon la consigne et notez.</Trans>
        </p>
      ) : null}
      {returning ? null : <ReturnCard dossier={dossier} send={send} />}
    </>
  );
}
