/** The steps of a procedure in the order in which they are read. Pure. */
import { runningCall, unsettledCalls, type Dossier, type StepView } from "./dossier";

const over = (step: StepView): boolean => step.state === "done" || step.state === "skipped";

/**
 * What is behind us, then what is ahead. The return to normal follows the points by itself and may be done before
 * anything else is: it stays last, where the procedure has it.
 */
export function sequence(steps: readonly StepView[]): { past: StepView[]; ahead: StepView[] } {
  const returns = steps.filter((step) => step.act === "return_to_normal");
  const others = steps.filter((step) => step.act !== "return_to_normal");
  const open = others.filter((step) => !over(step));
  return open.length > 0
    ? { past: others.filter(over), ahead: [...open, ...returns] }
    : { past: steps.filter(over), ahead: steps.filter((step) => !over(step)) };
}

/** What keeps a call of the goods door waiting, as the built-in procedures say it. */
const GOODS_LOCK = "police_goods";

/** What a step says of itself; its lock is not told once a proof has opened it. */
export function hintOf(dossier: Pick<Dossier, "doors">, step: StepView): string | null {
  return step.hint === GOODS_LOCK && dossier.doors.goods.state !== "to_justify" ? null : step.hint;
}

/** Whether a step's call must wait: somebody is on the line, or its last call may still be undone (P6: no second try). */
export function callWaits(dossier: Dossier, step: StepView): boolean {
  return runningCall(dossier) !== null || unsettledCalls(dossier).some((call) => call.step_key === step.key);
}
