/** Lines of the main courante for the dev mock. Never shipped. */
import type { IncidentRow, LogLine } from "../src/core/views";
import { START } from "./town.ts";

const at = (secondsAgo: number): string => new Date(START - secondsAgo * 1000).toISOString();

export function line(
  id: number,
  kind: string,
  params: Record<string, unknown>,
  ago: number,
  incident: IncidentRow | null,
  actor: string | null = null,
): LogLine {
  return {
    position: id,
    id,
    kind,
    version: 1,
    params,
    actor_name: actor,
    actor_kind: actor ? "user" : "watch",
    happened_at: at(ago),
    entered_at: at(ago),
    late: false,
    corrects: null,
    site: incident ? { id: incident.site.id, name: incident.site.name } : null,
    incident: incident ? { id: incident.id, reference: incident.reference } : null,
  };
}
