/** What may be done on a current step, as choices: its own act, its result by hand, its skip. */
import { t } from "@lingui/core/macro";
import { word } from "../../app/i18n";
import { engaged, runningCall, type Dossier, type StepView } from "../../core/dossier";
import { phone } from "../../core/phone";
import { callWaits } from "../../core/steps";
import { setUi } from "../shell/ui";
import type { Choice } from "./frontKeys";
import { backChoice } from "./Motifs";
import { serviceChoices, serviceOf } from "./services";
import type { ServiceView } from "../../core/handling";
import type { Send } from "./useDossier";

/** Acts whose result comes from what is done on their own card: a call, an agent asked for. */
const FILLED_BY_ACT = ["call_site", "call_contact", "call_next_contact", "send_agent"];
/** A call to a public service has no other record than its own card: no result by hand. */
export const SERVICE_ACTS = ["call_police", "call_fire", "call_medical"];
/** At most so many agents are proposed on a step, the nearest first. */
const AGENTS_SHOWN = 4;

export const SKIP_MOTIFS = [
  "no_object",
  "done_otherwise",
  "impossible",
  "customer_request",
  "lead_order",
  "more_urgent",
] as const;

/** What the operator has opened on the step. */
export type Mode = { kind: "act" | "byHand" | "skip" } | { kind: "motif"; service: ServiceView };

export interface StepProps {
  step: StepView;
  dossier: Dossier;
  send: Send;
}

export const shownAgents = (dossier: Dossier): Dossier["responders"] =>
  dossier.responders.slice(0, AGENTS_SHOWN);

export function stepChoices(
  { step, dossier, send }: StepProps,
  byHand: boolean,
  note: string,
  turn: (mode: Mode) => void,
): Choice[] {
  const service = SERVICE_ACTS.includes(step.act);
  const filled = service || FILLED_BY_ACT.includes(step.act);
  const acts = filled && !byHand ? actsOf({ step, dossier, send }, turn) : results(step, note, send);
  const more: Choice[] = [];
  if (filled && !service && !byHand && step.abilities.includes("done")) {
    more.push({
      id: "by_hand",
      label: t`Saisir le résultat à la main…`,
      tone: "plain",
      perform: () => turn({ kind: "byHand" }),
    });
  }
  if (step.abilities.includes("skip")) {
    more.push({
      id: "skip",
      label: t`Passer l’étape…`,
      tone: "plain",
      perform: () => turn({ kind: "skip" }),
    });
  }
  if (filled && byHand) {
    more.push(backChoice(() => turn({ kind: "act" })));
  }
  return [...acts, ...more];
}

function actsOf(props: StepProps, turn: (mode: Mode) => void): Choice[] {
  const { step, dossier, send } = props;
  if (SERVICE_ACTS.includes(step.act)) {
    return dossier.abilities.includes("service-calls")
      ? serviceChoices(dossier, serviceOf(dossier, step.act), send, (service) =>
          turn({ kind: "motif", service }),
        )
      : [];
  }
  if (!dossier.abilities.includes(step.act === "send_agent" ? "interventions" : "calls")) {
    return [];
  }
  return step.act === "send_agent" ? agents(props) : calls(props);
}

function agents({ step, dossier, send }: StepProps): Choice[] {
  const busy = engaged(dossier) !== null;
  return shownAgents(dossier).map((responder) => ({
    id: `ask:${responder.id}`,
    label: t`Demander`,
    disabled: busy || responder.card_expired,
    perform: () => void send("interventions", { responder_id: responder.id, step_key: step.key }),
  }));
}

/**
 * One call at a time, and none from a step whose last call may still be undone: the number that just failed is not
 * offered again (P6). Other people are on the site's file, one key away.
 */
function calls({ step, dossier, send }: StepProps): Choice[] {
  const busy = callWaits(dossier, step);
  const why = busy ? whyNoCall(dossier) : undefined;
  if (step.act === "call_site") {
    return [
      {
        id: "call:site",
        label: `${t`Appeler le site`} ${dossier.site.phone ? phone(dossier.site.phone) : ""}`,
        tone: "go",
        disabled: busy || dossier.site.phone === null,
        why,
        perform: () => void send("calls", { target: "site", step_key: step.key }),
      },
    ];
  }
  const next = dossier.next_call;
  const call: Choice[] = next
    ? [
        {
          id: `call:${next.contact_id}:${next.number}`,
          label: `${t`Appeler ${next.name}`} ${phone(next.number)}`,
          tone: next.available ? "go" : "normal",
          disabled: busy,
          why,
          perform: () =>
            void send("calls", {
              target: "contact",
              contact_id: next.contact_id,
              number: next.number,
              step_key: step.key,
            }),
        },
      ]
    : [];
  return [
    ...call,
    { id: "other", label: t`Autre personne (volet 4)`, tone: "plain", perform: () => setUi({ pane: 4 }) },
  ];
}

/** What the greyed call waits for. */
function whyNoCall(dossier: Dossier): string {
  return runningCall(dossier) !== null
    ? t`Un appel est en cours : la suite se propose quand son résultat est noté.`
    : t`Résultat en attente : la suite se propose dans quelques secondes.`;
}

function results(step: StepView, note: string, send: Send): Choice[] {
  if (!step.abilities.includes("done")) {
    return [];
  }
  return step.results
    .filter((result) => result.by_hand)
    .map((result) => ({
      id: `result:${result.key}`,
      label: word("step_result", result.label),
      perform: () => void send(`steps/${step.key}/done`, { result: result.key, note: note || null }),
    }));
}
