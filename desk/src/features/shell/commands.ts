/** Sends an act on a dossier and tells what came of it. */
import { t } from "@lingui/core/macro";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { DEAD_TIME } from "../../core/frontKeys";
import { givesWay } from "../../core/queue";
import type { IncidentRow } from "../../core/views";
import { now } from "../../live/hooks";
import { world } from "../../live/world";
import { handsOn } from "./hands";
import { tell } from "./ui";

/** Minutes a dossier is put aside when a graver alarm calls its operator away. */
const ASIDE_MINUTES = 10;

/** Takes in a dossier's row that came as an answer: the stream may be a moment behind. */
export function acceptRow(row: IncidentRow): void {
  world.set((held) => {
    const known = held.incidents.get(row.id);
    if (known && known.version >= row.version) {
      return held;
    }
    const incidents = new Map(held.incidents).set(row.id, {
      version: row.version,
      heard: held.position,
      view: row,
    });
    return { ...held, incidents };
  });
}

/** POST /api/incidents/{id}/{verb}. Throws the refusal: a form tells it beside itself. */
export async function sendAct(
  row: IncidentRow,
  verb: string,
  body: Record<string, unknown> = {},
): Promise<void> {
  acceptRow(await api.post<IncidentRow>(`/api/incidents/${row.id}/${verb}`, body));
}

/** The same for a single key or button; true when it was done. */
export async function actOn(
  row: IncidentRow,
  verb: string,
  body: Record<string, unknown> = {},
): Promise<boolean> {
  try {
    await sendAct(row, verb, body);
    return true;
  } catch (failure) {
    tell(failureText(failure), "bad");
    return false;
  }
}

/** Prise en compte, then the dossier in the centre. */
export async function take(row: IncidentRow, open: (id: number) => void): Promise<void> {
  open(row.id);
  if (await actOn(row, "take")) {
    tell(t`Pris en compte : ${row.site.name}`);
  }
}

/** Of `F8`: when it was last pressed. The second press of a nervous finger would take the next dossier unread. */
let switchedAt = Number.NEGATIVE_INFINITY;

/** F8: takes the alarm of the banner, and puts aside what is in hand when that is less grave. Drafts are kept. */
export async function switchTo(
  urgent: IncidentRow,
  held: IncidentRow | null,
  open: (id: number) => void,
): Promise<void> {
  const at = performance.now();
  if (at - switchedAt < DEAD_TIME) {
    return;
  }
  switchedAt = at;
  open(urgent.id);
  handsOn(urgent.id, true);
  const taken = await actOn(urgent, "take");
  if (taken && held !== null && givesWay(held, urgent)) {
    const until = new Date(now() + ASIDE_MINUTES * 60_000).toISOString();
    await actOn(held, "park", { until, reason: "other_priority" });
  }
}
