/** Calls to the public services: which door they take, and the motif of who calls without proof (P4). */
import { t } from "@lingui/core/macro";
import { word } from "../../app/i18n";
import type { Dossier, Text } from "../../core/dossier";
import type { DoorView, ServiceView } from "../../core/handling";
import type { Choice } from "./frontKeys";
import { motifChoices } from "./Motifs";
import type { Send } from "./useDossier";

const ACTS: Record<string, string> = { call_fire: "fire", call_medical: "medical" };

/** The door that the dossier's police call takes first: «personnes» is always open, «biens» is to be justified. */
export function doorOf(dossier: Dossier): DoorView {
  const persons = dossier.services.some((service) => service.door === "persons");
  return persons ? dossier.doors.persons : dossier.doors.goods;
}

/** The service that a step's act is for; the police by default. */
export function serviceOf(dossier: Dossier, act: string): ServiceView[] {
  const wanted = ACTS[act];
  return dossier.services.filter((one) =>
    wanted === undefined ? !Object.values(ACTS).includes(one.service) : one.service === wanted,
  );
}

/** The current step that this call fills. */
function stepFor(dossier: Dossier, service: string): string | null {
  const act = Object.keys(ACTS).find((key) => ACTS[key] === service) ?? "call_police";
  return dossier.steps.find((step) => step.state === "current" && step.act === act)?.key ?? null;
}

const gated = (dossier: Dossier, service: ServiceView): boolean =>
  service.door === "goods" && dossier.doors.goods.state === "to_justify";

/** How a call is made: its motif when it has no proof, and the door when it is not the one proposed. */
interface Way {
  motif?: string;
  door?: ServiceView["door"];
}

function callService(dossier: Dossier, service: ServiceView, send: Send, { motif, door }: Way = {}): void {
  void send("service-calls", {
    service: service.service,
    directory_id: service.directory_id,
    door: door ?? service.door,
    motif: motif ?? null,
    step_key: stepFor(dossier, service.service),
  });
}

/** Without a line in the directory the short number is dialled: the call is made, read and recorded all the same. */
function calledName({ name, service, missing }: ServiceView): string {
  const short = missing?.params.short;
  const said = name ?? word("public_service", service);
  return typeof short === "string" ? `${said} · ${short}` : said;
}

/**
 * One choice for each service that may be called. `ask`: a call without proof wants its motif first. Beside a call for
 * goods stands the persons' door, open in one key whatever opened the dossier (P4).
 */
export function serviceChoices(
  dossier: Dossier,
  services: readonly ServiceView[],
  send: Send,
  ask: (service: ServiceView) => void,
): Choice[] {
  const forPersons = services.find((service) => service.door === "goods");
  return services.flatMap((service): Choice[] => {
    const closed = gated(dossier, service);
    const call: Choice = {
      id: `service:${service.service}${closed ? ":gated" : ""}`,
      label: `${calledName(service)}${closed ? "…" : ""}`,
      tone: closed ? "warn" : "normal",
      perform: () => (closed ? ask(service) : callService(dossier, service, send)),
    };
    const persons: Choice = {
      id: `service:${service.service}:persons`,
      label: t`Danger pour une personne`,
      tone: "warn",
      perform: () => callService(dossier, service, send, { door: "persons" }),
    };
    return service === forPersons ? [call, persons] : [call];
  });
}

/** The motifs of a call without proof: it will be read again. */
export function overrides(dossier: Dossier, service: ServiceView, send: Send, close: () => void): Choice[] {
  const motifs = doorOf(dossier).override_motifs.map(({ key, label }) => ({
    key,
    label: word("override_motif", label),
  }));
  const choose = (motif: string): void => {
    close();
    callService(dossier, service, send, { motif });
  };
  return motifChoices(motifs, choose, close);
}

export const overrideLabel = (): string => t`Appeler sans preuve : motif (sera relu)`;

/** Lines read before the place: who we are. The rest may be cut off by a line that breaks; the place may not. */
const PLACE = "service.place";
const WHO = "service.who_we_are";

/** The script as it is read: who we are, where, then what; nothing is left out, whatever the order it came in. */
export function placeSoon(script: readonly Text[]): Text[] {
  const first = script.filter(({ code }) => code === WHO || code === PLACE);
  return [...first, ...script.filter((text) => !first.includes(text))];
}
