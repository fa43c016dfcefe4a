/**
 * A dossier's cards as one list with one in front: the front card alone owns the function keys and shows them on its
 * buttons, so that a key never acts on something else than what one reads (desk.md «Keys»). Pure.
 */
import { engaged, runningCall, type Dossier, type StepView } from "./dossier";

/** `call:3`, `service:3`, `agent:3`, `step:KEY`, or one of the cards that are always there. */
export type CardId = string;

export const RETURN = "return";
export const CLOSING = "closing";
export const VERIFICATION = "verification";
export const SERVICES = "services";
/** Who telephones: shown when the operator asks for it. */
export const CALLER = "caller";

/** The return to normal follows the points on a card of its own; without points it is a step done by hand. */
export const returns = (dossier: Dossier, step: StepView): boolean =>
  step.act === "return_to_normal" && dossier.points.length > 0;

function agentCards(dossier: Dossier): CardId[] {
  return dossier.interventions.filter((one) => one.abilities.length > 0).map((one) => `agent:${one.id}`);
}

/** What is on the line now: its card is in front whatever was chosen before. */
export function onTheLine(dossier: Dossier): CardId | null {
  const call = runningCall(dossier);
  if (call !== null && call.abilities.length > 0) {
    return `call:${call.id}`;
  }
  const service = dossier.service_calls.find(
    (one) => one.ended_at === null && one.abilities.includes("done"),
  );
  return service ? `service:${service.id}` : null;
}

/** Every card that has something to do, in the order in which they stand on the screen. */
function cardsOf(dossier: Dossier, line: CardId | null, calling: boolean): CardId[] {
  const call = runningCall(dossier);
  const steps = dossier.steps.filter(
    (step) =>
      step.state === "current" && !returns(dossier, step) && !(call !== null && step.key === call.step_key),
  );
  const can = (verb: string): boolean => dossier.abilities.includes(verb);
  return [
    ...(calling && call === null ? [CALLER] : []),
    ...agentCards(dossier),
    ...(line === null ? [] : [line]),
    ...steps.map((step) => `step:${step.key}`),
    ...(can("deferrals") || can("normal") ? [RETURN] : []),
    ...(can("close") ? [CLOSING] : []),
    ...(can("verification") ? [VERIFICATION] : []),
    ...(can("service-calls") && dossier.services.length > 0 ? [SERVICES] : []),
  ];
}

/** What is on the line, who must be warned, the next act, then the end: the first of these that stands. */
function firstOf(dossier: Dossier, cards: readonly CardId[], line: CardId | null): CardId | null {
  const toWarn = dossier.interventions.find((one) => one.abilities.includes("warned"));
  const waiting = engaged(dossier) !== null;
  const current = dossier.steps.filter((step) => step.state === "current");
  // An agent who was asked for is awaited on his own card: the next act comes in front.
  const act = current.find((step) => !returns(dossier, step) && !(waiting && step.act === "send_agent"));
  const wanted = [
    CALLER,
    line,
    dossier.row.warn_agent && toWarn ? `agent:${toWarn.id}` : null,
    act ? `step:${act.key}` : null,
    dossier.points.some((point) => point.open) ? RETURN : null,
    dossier.closing.blockers.some((each) => each.code === "blocker.verification_open") ? VERIFICATION : null,
    dossier.closing.blockers.length === 0 ? CLOSING : null,
    waiting ? (agentCards(dossier)[0] ?? null) : null,
  ];
  return wanted.find((card) => card !== null && cards.includes(card)) ?? cards[0] ?? null;
}

/** The cards of a screen, the one that comes in front by itself, and what is on the line. */
export interface Stand {
  cards: readonly CardId[];
  first: CardId | null;
  line: CardId | null;
}

/** `calling`: the operator has said that somebody telephones. */
export function standOf(dossier: Dossier, calling = false): Stand {
  const line = onTheLine(dossier);
  const cards = cardsOf(dossier, line, calling);
  return { cards, first: firstOf(dossier, cards, line), line: cards.includes(CALLER) ? CALLER : line };
}

/** What the operator brought forward, and what was on the line then. */
export interface Chosen {
  card: CardId;
  line: CardId | null;
}

/** The card in front: the one chosen as long as it stands and nobody else came on the line. */
export function frontOf(stand: Stand, chosen: Chosen | null): CardId | null {
  const stands = chosen !== null && stand.cards.includes(chosen.card) && chosen.line === stand.line;
  return stands ? chosen.card : stand.first;
}

/** The card before or behind the front one, round and round. */
export function turned(cards: readonly CardId[], front: CardId | null, by: 1 | -1): CardId | null {
  const at = front === null ? -1 : cards.indexOf(front);
  return cards[(at + by + cards.length) % cards.length] ?? null;
}

/** The next card of a kind, for the letters: «agent» finds `agent:3`. */
export function ofKind(cards: readonly CardId[], kind: string): CardId | null {
  return cards.find((card) => card === kind || card.startsWith(`${kind}:`)) ?? null;
}
