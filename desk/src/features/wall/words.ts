/** Words of the wall. */
import { t } from "@lingui/core/macro";
import type { EventView } from "../event/event";
import type { PatrolRun } from "../patrol/patrol";
import type { WINDS } from "./compass";
import type { Motif } from "./wallStore";

export function windLabel(wind: (typeof WINDS)[number]): string {
  return {
    n: t`le nord`,
    ne: t`le nord-est`,
    e: t`l’est`,
    se: t`le sud-est`,
    s: t`le sud`,
    so: t`le sud-ouest`,
    o: t`l’ouest`,
    no: t`le nord-ouest`,
  }[wind];
}

/** Motifs of viewing, by digit (practice, «Motif of viewing»): the server's code and its words. */
export function motifs(): { code: string; label: string }[] {
  return [
    { code: "event", label: t`événement` },
    { code: "patrol", label: t`ronde` },
    { code: "police_call", label: t`appel des forces de l’ordre` },
    { code: "maintenance", label: t`maintenance` },
  ];
}

/** The motif of what is being done: an événement in hand, else a round that goes on; null: neither. */
export function doingNow(event: EventView | null, run: PatrolRun | null): Motif | null {
  const code = event !== null ? "event" : run?.state === "running" ? "patrol" : null;
  const label = motifs().find((each) => each.code === code)?.label;
  return code === null || label === undefined ? null : { code, label, incident: event?.incident.id ?? null };
}

/** Why a mask of role is lifted, by digit: kept in the main courante as these words. */
export function liftMotifs(): string[] {
  return [
    t`réquisition`,
    t`événement en cours`,
    t`appel des forces de l’ordre`,
    t`demande d’une personne filmée`,
    t`contrôle du masque`,
  ];
}

/** «0:50» until a time, never below 0. */
export function left(until: string, now: number): string {
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
