/** Rows for tests. */
import { bandOf } from "./band";
import type { CameraView } from "./cameras";
import type { IncidentRow, LogLine } from "./views";

export function sampleRow(change: Partial<IncidentRow> = {}): IncidentRow {
  const priority = change.priority ?? 3;
  return {
    id: 1,
    version: 1,
    reference: "2026-000001",
    site: {
      id: 1,
      reference: "S-1",
      name: "Boulangerie du Port",
      town: "Villeneuve",
      timezone: "Europe/Paris",
    },
    family: "intrusion",
    category: "intrusion",
    priority,
    band: bandOf(priority),
    state: "new",
    headline: {
      code: "130",
      label_code: null,
      category: "intrusion",
      qualifier: "new",
      zone: null,
      zone_name: null,
      area: null,
      text: null,
    },
    opened_at: "2026-11-23T02:00:00Z",
    last_signal_at: null,
    signal_count: 1,
    ringing_since: "2026-11-23T02:00:00Z",
    ring_reason: "opened",
    limits: { take: 90, act: 180 },
    owner: null,
    needs_operator: true,
    escalation: 0,
    offered_to: null,
    returned_from: null,
    closed_at: null,
    outcome: null,
    taken_at: null,
    first_act_at: null,
    parked_until: null,
    parked_reason: null,
    duress: false,
    on_test: false,
    verification: "not_done",
    warn_agent: false,
    normal: false,
    marks: [],
    next: { label: null, due_at: null, late: false },
    linked: null,
    abilities: ["take"],
    ...change,
  };
}

export function sampleLine(id: number, position: number | null = id): LogLine {
  return {
    position,
    id,
    kind: "log.entry",
    version: 1,
    params: { text: `n° ${id}` },
    actor_name: null,
    actor_kind: "watch",
    happened_at: "2026-11-23T02:00:00Z",
    entered_at: "2026-11-23T02:00:00Z",
    late: false,
    corrects: null,
    site: null,
    incident: null,
  };
}

export function sampleCamera(change: Partial<CameraView> = {}): CameraView {
  const id = change.id ?? 1;
  return {
    id,
    version: 1,
    reference: `CAM-${id}`,
    name: `Caméra ${id}`,
    place: null,
    site: { id: 1, name: "Centre-ville", town: "Villeneuve-sur-Essai" },
    regime: "public_road",
    narrow: false,
    lat: null,
    lon: null,
    bearing: null,
    fov: null,
    ptz: false,
    talk: false,
    record: true,
    views: ["main", "sub"],
    state: "online",
    since: null,
    last_frame_at: null,
    codec: "h264",
    width: 1280,
    height: 720,
    fps: 12,
    faults: [],
    presets: [],
    neighbours: [],
    ptz_held_by: null,
    talked_by: null,
    retention_days: 14,
    authorisation: null,
    suspended_reason: null,
    abilities: ["live"],
    ...change,
  };
}
