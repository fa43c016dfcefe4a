/** Rondes vidéo: views seen in order, each ticked with one key; an événement holds a round up (C1.2). */
import { t } from "@lingui/core/macro";
import type { Named } from "../../core/views";

export type TickResult = "clear" | "observation" | "missed";

export interface PatrolStop {
  camera: number;
  name: string;
  preset: string | null;
  seconds: number;
  look_for: string | null;
}

export interface RunStop extends PatrolStop {
  tick: { result: TickResult; note: string | null; at: string } | null;
}

export interface PatrolRun {
  id: number;
  version: number;
  patrol: Named;
  user: Named;
  state: "running" | "paused" | "ended";
  started_at: string;
  ended_at: string | null;
  /** Index of the view to look at now. */
  at: number;
  views: RunStop[];
  explanation: string | null;
}

export interface Patrol {
  id: number;
  version: number;
  reference: string;
  name: string;
  times: string[];
  next_due_at: string | null;
  views: PatrolStop[];
  last_run: { started_at: string; ended_at: string | null } | null;
  running: PatrolRun | null;
}

/** The view to look at now, or null when all have been. */
export const stopNow = (run: PatrolRun): RunStop | null =>
  run.views[run.at]?.tick === null
    ? (run.views[run.at] ?? null)
    : (run.views.find((view) => view.tick === null) ?? null);

export const indexNow = (run: PatrolRun): number => {
  const stop = stopNow(run);
  return stop === null ? -1 : run.views.indexOf(stop);
};

export const doneCount = (run: PatrolRun): number => run.views.filter((view) => view.tick !== null).length;

/** My round that is not over. */
export function runInHand(patrols: readonly Patrol[], me: number): PatrolRun | null {
  return (
    patrols
      .map((patrol) => patrol.running)
      .find((run) => run !== null && run.user.id === me && run.state !== "ended") ?? null
  );
}

export function tickLabel(result: TickResult | null): string {
  return result === null
    ? t`à voir`
    : { clear: t`rien à signaler`, observation: t`observation`, missed: t`non vue` }[result];
}
