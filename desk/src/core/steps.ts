/** The steps of a procedure in the order in which they are read. Pure. */
import type { StepView } from "./dossier";

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
